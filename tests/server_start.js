// What keeps the server from starting is told in the reader's language: by the locale, --lang or the settings.
const { fs, folder, main, net, ok, path, serve } = require("./server_lib.js");
const { spawnSync } = require("child_process");

const build = process.env.GJ_BUILD;
const at = (name, text) => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (text !== undefined) fs.writeFileSync(file, text);
  return file;
};
const start = (locale, ...args) => spawnSync(path.join(build, "guiju"), ["serve", ...args],
  { encoding: "utf8", timeout: 60000, env: { ...process.env, LC_ALL: locale } });
// The lines without the usage behind them.
const said = (answer) => answer.stderr.split("\n").filter((line) => !/^(guiju serve \[|  --|A file of)/.test(line)).join("\n");

const usual = ["--listen", "127.0.0.1:0", "--rulebook", "rulebook"];
const fresh = () => ["--db", at(`fresh/${Math.random()}.db`)];
// A sentence that stayed English has three words of it in a row; commands that are named have not.
const isChinese = (text) => /[\u4e00-\u9fff]/.test(text) &&
  !/[a-z]+ [a-z]+ [a-z]+/.test(text.replace(/guiju tenant list|guiju token add NAME --role admin/g, ""));

main(async () => {
  const taken = net.createServer();
  const port = await new Promise((done) => taken.listen(0, "127.0.0.1", () => done(taken.address().port)));
  const running = await serve("running.db");
  const office = fs.readFileSync(`${running.db}.office`);
  const newer = Buffer.from(office);
  newer.writeUInt32BE(999, 60); // SQLite's user_version
  const cases = {
    "settings that are not there": [/not there|cannot be read/, "--config", path.join(folder, "none")],
    "a setting's number": [/conf1:2: threads is a number from 1 to 256, not 'x'/, "--config",
      at("conf1", "# of the shop\nthreads = x\n")],
    "a setting's name": [/conf2:1: no setting is called so/, "--config", at("conf2", "lissten = 3\n")],
    "a setting's flag": [/conf3:1: secure-cookies is true or false, not 'maybe'/, "--config", at("conf3", "secure-cookies = maybe\n")],
    "an empty setting": [/conf4:1: a setting is empty/, "--config", at("conf4", "listen =\n")],
    "an option's number": [/body-max is a number from 1024 to/, "--body-max", "1"],
    "an unknown option": [/unknown option --bogus/, "--bogus"],
    "an option without its value": [/--threads needs a value/, "--threads"],
    "a word too many": [/'again' is one too many/, "again"],
    "spans of time": [/warn takes durations/, "--warn", "soon"],
    "an application": [/an application is PLATFORM KEY SECRET/, "--application", "shop"],
    "a language": [/lang takes zh or en, not 'fr'/, "--lang", "fr"],
    "an address": [/give an address and a port/, "--listen", "127.0.0.1"],
    "a port": [/a port is a number up to 65535/, "--listen", "127.0.0.1:99999"],
    "a port that is taken": [/Address already in use; is another server there/, ...usual, ...fresh(), "--listen", `127.0.0.1:${port}`],
    "reached from elsewhere": [/nobody has been added/, ...usual, ...fresh(), "--listen", "0.0.0.0:0"],
    "a tenant that is not there": [/there is no tenant acme/, ...usual, ...fresh(), "--application", "pdd key secret acme"],
    "no rulebook": [/No such file or directory/, ...usual, ...fresh(), "--rulebook", path.join(folder, "none")],
    "a bad rulebook": [/a.yaml:1:8/, ...usual, ...fresh(), "--rulebook", path.dirname(at("book/a.yaml", "rules: [\n"))],
    "no such folder": [/check that the folder exists/, ...usual, "--db", path.join(folder, "none", "x.db")],
    "a folder": [/check that the folder exists/, ...usual, "--db", path.dirname(at("dir.db/x"))],
    "no database": [/it is no database of guiju, or damaged/, ...usual, "--db", at("text.db", "a text, as long as you like ".repeat(99))],
    "an office that is none": [/it is no database of guiju, or damaged/, ...usual, "--db",
      at("desk.db.office", "a text, as long as you like ".repeat(99)).replace(/.office$/, "")],
    "an office of a newer program": [/is of schema version 999, this program knows up to/, ...usual, "--db",
      at("newer.db.office", newer).replace(/.office$/, "")],
    "open elsewhere": [/another process has it open/, ...usual, "--db", running.db],
    "a rulebook in force that is gone": [/was put in force by POST/, ...usual, "--db", at("gone.db.rulebooks/current", "0123").replace(/.rulebooks.*$/, "")],
  };
  for (const [name, [english, ...args]] of Object.entries(cases)) {
    const zh = start("zh_CN.UTF-8", ...args), en = start("C", ...args);
    ok(`${name}: status`, zh.status === 2 && en.status === 2, `${zh.status} ${en.status}`);
    ok(`${name}: in Chinese`, isChinese(said(zh)), said(zh));
    ok(`${name}: in English`, english.test(en.stderr) && !/[\u4e00-\u9fff]/.test(en.stderr), en.stderr);
  }
  taken.close();
  ok("--lang before the locale", isChinese(said(start("C", "--lang", "zh", "--bogus"))));
  ok("--lang before the command", isChinese(said(spawnSync(path.join(build, "guiju"),
    ["--lang", "zh", "--color", "never", "serve", "--bogus"], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } }))));
  ok("the language of the settings", isChinese(said(start("C", "--config", at("lang", "lang = zh\nthreads = 0\n")))));
  const chinese = await serve("chinese.db", ["--lang", "zh"]);
  ok("the greeting", /规则库 [0-9a-f]{8}.*还没有添加任何人/.test(chinese.log()), chinese.log());
  await chinese.stop();
  await running.stop();
});
