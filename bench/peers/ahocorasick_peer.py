"""Peer: python3-ahocorasick over the same words and messages; prints ns a message."""
import json
import sys
import time

import ahocorasick

words, messages = sys.argv[1:3]
automaton = ahocorasick.Automaton()
for number, word in enumerate(line.strip() for line in open(words, encoding="utf-8")):
    if word:
        automaton.add_word(word.lower(), number)
automaton.make_automaton()
texts = [json.loads(line)["text"] for line in open(messages, encoding="utf-8")]
best = None
for _ in range(3):
    start = time.process_time_ns()
    hits = sum(1 for text in texts for _ in automaton.iter(text.lower()))
    took = (time.process_time_ns() - start) / len(texts)
    best = took if best is None else min(best, took)
print(f"{best:.0f}")
