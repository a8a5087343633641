/* Room server: the clerk (see clerk.h). One thing at a time, in order. */
#include "server/clerk.h"

#include <stdlib.h>

#include "server/http.h"

#define WAITING_MAX 64

struct task {
    struct task *next;
    struct gj_request *r;
    void (*run)(struct gj_request *r);
};

struct gj_clerk {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct task *first, **end;
    size_t count;
    bool stop;
};

static struct task *next_task(struct gj_clerk *clerk)
{
    pthread_mutex_lock(&clerk->lock);
    while (clerk->first == NULL && !clerk->stop) {
        pthread_cond_wait(&clerk->wake, &clerk->lock);
    }
    struct task *task = clerk->first;
    if (task != NULL) {
        clerk->first = task->next;
        clerk->end = clerk->first == NULL ? &clerk->first : clerk->end;
        clerk->count--;
    }
    pthread_mutex_unlock(&clerk->lock);
    return task;
}

static void *work(void *context)
{
    struct gj_clerk *clerk = context;
    for (struct task *task; (task = next_task(clerk)) != NULL;) {
        task->run(task->r);
        gj_request_resume(task->r); /* the task is of its arena */
    }
    return NULL;
}

enum gj_handled gj_clerk_ask(struct gj_request *r, void (*run)(struct gj_request *r))
{
    struct gj_clerk *clerk = r->server->clerk;
    struct task *task = gj_arena_alloc(&r->arena, sizeof *task);
    if (task == NULL) {
        return gj_problem(r, "out-of-memory", "服务器内存不足", "the server is out of memory");
    }
    *task = (struct task){NULL, r, run};
    gj_request_suspend(r);
    pthread_mutex_lock(&clerk->lock);
    bool room = clerk->count < WAITING_MAX && !clerk->stop;
    if (room) {
        *clerk->end = task;
        clerk->end = &task->next;
        clerk->count++;
        pthread_cond_signal(&clerk->wake);
    }
    pthread_mutex_unlock(&clerk->lock);
    if (!room) {
        gj_problem(r, "busy", "请求过多，请稍后再试", "too many requests wait; try again later");
        gj_request_resume(r);
    }
    return GJ_LATER;
}

struct gj_clerk *gj_clerk_new(void)
{
    struct gj_clerk *clerk = calloc(1, sizeof *clerk);
    if (clerk == NULL) {
        return NULL;
    }
    clerk->end = &clerk->first;
    pthread_mutex_init(&clerk->lock, NULL);
    pthread_cond_init(&clerk->wake, NULL);
    if (pthread_create(&clerk->thread, NULL, work, clerk) != 0) {
        pthread_mutex_destroy(&clerk->lock);
        pthread_cond_destroy(&clerk->wake);
        free(clerk);
        return NULL;
    }
    return clerk;
}

void gj_clerk_stop(struct gj_clerk *clerk)
{
    if (clerk == NULL) {
        return;
    }
    pthread_mutex_lock(&clerk->lock);
    clerk->stop = true;
    pthread_cond_signal(&clerk->wake);
    pthread_mutex_unlock(&clerk->lock);
    pthread_join(clerk->thread, NULL);
}

void gj_clerk_free(struct gj_clerk *clerk)
{
    if (clerk != NULL) {
        pthread_mutex_destroy(&clerk->lock);
        pthread_cond_destroy(&clerk->wake);
        free(clerk);
    }
}
