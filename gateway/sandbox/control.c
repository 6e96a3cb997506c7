/*
 * The control listener, for tests and the demo: loopback, without TLS, no part of any customs.
 *
 *   GET  /state      what was received and what stands how, as JSON
 *   POST /faults     {"slow_ms":0,"drop_after_read":0,"down_for":"3","pending":1,"manual":false,"review":false,
 *                     "hold_release":false,"reject":["se:208:TEXT","cove:TEXT"]}; what is not named stays
 *   POST /answer     answers that wait (manual) become visible now
 *   POST /release    {"entry":"ZZZ10000019"}, or nothing: all. SO 98 goes out for accepted and referred entries
 */
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <string.h>

#include "util/str.h"

static const char *const status_names[] = {"rejected", "accepted", "review", "cancelled"};

static int64_t count_ready(const struct sandbox *s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s->accounts.transmitter_count; i++) {
        for (const struct message *m = s->ace.boxes[i].ready; m != NULL; m = m->next) {
            n++;
        }
    }
    return n;
}

static void put_ace(struct json_out *j, const struct sandbox *s)
{
    json_open_object(j, "ace");
    json_int(j, "batches", s->ace.batches);
    json_int(j, "ready", count_ready(s));
    json_open_array(j, "entries");
    for (size_t i = 0; i < s->ace.entry_count; i++) {
        const struct entry *e = &s->ace.entries[i];
        json_open_object(j, NULL);
        json_str(j, "number", e->number);
        json_str(j, "status", status_names[e->status]);
        json_int(j, "received", e->received);
        json_bool(j, "released", e->released);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void put_operation(struct json_out *j, const struct operation *o)
{
    char number[24];
    snprintf(number, sizeof number, "%ld", o->number);
    json_open_object(j, NULL);
    json_str(j, "number", number);
    json_str(j, "rfc", o->rfc);
    json_open_array(j, "invoices");
    for (size_t i = 0; i < o->invoice_count; i++) {
        const struct invoice *v = &o->invoices[i];
        json_open_object(j, NULL);
        json_str(j, "number", v->number);
        json_str(j, "document", v->document);
        json_str(j, "errors", v->errors.data != NULL ? v->errors.data : "");
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void put_state(struct buf *out, const struct sandbox *s)
{
    struct json_out j;
    json_begin(&j, out);
    json_open_object(&j, NULL);
    put_ace(&j, s);
    json_open_object(&j, "vucem");
    json_int(&j, "coves", s->vucem.coves);
    json_int(&j, "questions", s->vucem.questions);
    json_open_array(&j, "operations");
    for (size_t i = 0; i < s->vucem.operation_count; i++) {
        put_operation(&j, &s->vucem.operations[i]);
    }
    json_end_array(&j);
    json_end_object(&j);
    json_end_object(&j);
}

static void take_int(const struct json_in *in, const char *key, int64_t *out)
{
    int64_t v;
    if (json_in_int(json_in_get(in, key), &v) && v >= 0) {
        *out = v;
    }
}

static void take_bool(const struct json_in *in, const char *key, bool *out)
{
    if (json_in_get(in, key) != NULL) {
        *out = json_in_true(json_in_get(in, key));
    }
}

static bool take_faults(struct faults *f, const struct json_in *in)
{
    take_int(in, "slow_ms", &f->slow_ms);
    take_int(in, "drop_after_read", &f->drop_after_read);
    take_int(in, "pending", &f->pending);
    take_bool(in, "manual", &f->manual);
    take_bool(in, "review", &f->review);
    take_bool(in, "hold_release", &f->hold_release);
    const char *down = json_in_str(json_in_get(in, "down_for"));
    if (down != NULL && !faults_set_down(f, down)) {
        return false;
    }
    const struct json_in *rejects = json_in_get(in, "reject");
    if (rejects != NULL) {
        f->reject_count = 0;
    }
    for (size_t i = 0; rejects != NULL && i < json_in_len(rejects); i++) {
        const char *rule = json_in_str(json_in_at(rejects, i));
        if (rule == NULL || !faults_add_reject(f, rule)) {
            return false;
        }
    }
    return true;
}

static int command(struct sandbox *s, struct gln_context *ctx, const char *path, const struct json_in *in)
{
    if (strcmp(path, "/faults") == 0) {
        return take_faults(&s->faults, in) ? 200 : 400;
    }
    if (strcmp(path, "/answer") == 0) {
        ace_answer_waiting(s);
        vucem_answer_waiting(s);
        return 200;
    }
    if (strcmp(path, "/release") == 0) {
        const char *entry = in != NULL ? json_in_str(json_in_get(in, "entry")) : NULL;
        return ace_release(s, ctx, entry) > 0 ? 200 : 404;
    }
    return 404;
}

void control_handle(void *arg, int worker, const struct http_request *in, struct http_response *out)
{
    struct face *face = arg;
    struct sandbox *s = face->sandbox;
    char error[160] = "";
    struct json_in *body =
        in->body_len > 0 ? json_in_parse(in->body, in->body_len, error, sizeof error) : NULL;
    str_copy(out->content_type, sizeof out->content_type, "application/json");
    pthread_mutex_lock(&s->mutex);
    if (strcmp(in->method, "GET") == 0) {
        out->status = strcmp(in->path, "/state") == 0 ? 200 : 404;
    } else if (in->body_len > 0 && body == NULL) {
        out->status = 400;
    } else {
        out->status = command(s, &face->contexts[worker], in->path, body);
    }
    if (out->status == 200) {
        put_state(&out->body, s);
    }
    pthread_mutex_unlock(&s->mutex);
    json_in_free(body);
}
