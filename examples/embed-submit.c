/*
 * Files a declaration inside a program of your own that signs and sends by itself: the library keeps the ledger and says, step by step,
 * "sign this", "send this", "wait". Here "signing" is left to a command and "sending" is writing a file, so that the example runs
 * anywhere; a real host calls its own key store and its own HTTP client.
 *
 *   cc embed-submit.c $(pkg-config --cflags --libs greenlane) -o embed-submit
 *   ./embed-submit LEDGER DESTINATION DECLARATION OUTPUT-FOLDER [SIGN-COMMAND]
 *
 * The identity must be in the ledger (greenlane identities add). SIGN-COMMAND is called as: SIGN-COMMAND DIGEST BYTES-FILE SIGNATURE-FILE.
 */
#include <greenlane.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct host {
    gln_config *config;
    gln_engine *engine;
    gln_context *context;
    gln_gateway *gateway;
    const char *folder, *sign_command;
};

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    long size;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        data = malloc((size_t)size + 1);
        *length = data != NULL ? fread(data, 1, (size_t)size, file) : 0;
    }
    fclose(file);
    return data;
}

static int write_file(const char *path, const void *data, size_t length)
{
    FILE *file = fopen(path, "wb");
    int good = file != NULL && fwrite(data, 1, length, file) == length;

    if (file != NULL)
        good = fclose(file) == 0 && good;
    return good;
}

/* "Sign this": the key is the host's affair. */
static int sign(struct host *h, gln_work *work, const gln_task *task)
{
    char in[512], out[512], *signature;
    size_t length = 0;
    pid_t child;
    int status = GLN_E_KEY, ended = 0;

    if (h->sign_command == NULL) {
        fprintf(stderr, "a signature is wanted, and no SIGN-COMMAND was given\n");
        return GLN_E_KEY;
    }
    snprintf(in, sizeof in, "%s/to-sign", h->folder);
    snprintf(out, sizeof out, "%s/signature", h->folder);
    if (!write_file(in, task->data, task->length))
        return GLN_E_KEY;
    child = fork();
    if (child == 0) {
        execl(h->sign_command, h->sign_command, task->digest, in, out, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &ended, 0) != child || ended != 0)
        return GLN_E_KEY;
    signature = read_file(out, &length);
    if (signature != NULL)
        status = gln_work_signed(work, signature, length);
    free(signature);
    printf("signed %zu bytes for %s\n", task->length, task->identity);
    return status;
}

/* "Send this": say honestly what came of it; only what certainly did not arrive may be called GLN_NOT_SENT. */
static int deliver(struct host *h, gln_work *work, const gln_task *task)
{
    char path[512];

    snprintf(path, sizeof path, "%s/sent-%lld", h->folder, (long long)task->filing);
    if (!write_file(path, task->data, task->length))
        return gln_work_sent(work, GLN_NOT_SENT, NULL, 0, "the file could not be written");
    printf("sent filing %lld, %zu bytes, to %s\n", (long long)task->filing, task->length, task->url);
    return gln_work_sent(work, GLN_DELIVERED, NULL, 0, NULL);
}

/* Until nothing is due. A real host would come back after wait_ms, or when its network says something. */
static int work_through(struct host *h)
{
    int status = GLN_OK;

    while (status == GLN_OK) {
        gln_task task = {.struct_size = sizeof task};
        gln_work *work = NULL;
        int wait_ms = 0;

        status = gln_gateway_next(h->gateway, h->context, &work, &wait_ms);
        if (status != GLN_OK || work == NULL) {
            if (status == GLN_OK)
                printf("nothing to do now (%s)\n", wait_ms < 0 ? "nothing is left" : "something later");
            break;
        }
        status = gln_work_task(work, &task);
        if (status == GLN_OK)
            status = task.kind == GLN_WORK_SIGN ? sign(h, work, &task) : deliver(h, work, &task);
        gln_work_free(work);
    }
    return status;
}

static int submit(struct host *h, const char *destination, const char *file)
{
    char path[256];
    gln_reply reply = {.struct_size = sizeof reply};
    gln_request request = {
        .struct_size = sizeof request, .method = "POST", .path = path, .accept = "text/plain"};
    char *data = read_file(file, &request.body_length);
    int status;

    snprintf(path, sizeof path, "/v1/declarations?to=%s&once=yes", destination);
    request.body = data;
    if (data == NULL)
        return GLN_E_ARGUMENT;
    status = gln_gateway_request(h->gateway, h->context, &request, &reply);
    if (status == GLN_OK) {
        fwrite(reply.body, 1, reply.body_length, stdout);
        status = reply.status;
    }
    gln_free(reply.body);
    free(data);
    return status;
}

static int open_all(struct host *h, const char *ledger)
{
    int status = gln_config_new(&h->config);

    if (status == GLN_OK)
        status = gln_config_set(h->config, "ledger", ledger);
    if (status == GLN_OK)
        status = gln_engine_new(&h->engine, h->config);
    if (status != GLN_OK)
        fprintf(stderr, "%s\n", gln_config_error(h->config));
    if (status == GLN_OK)
        status = gln_context_new(&h->context, h->engine);
    if (status == GLN_OK)
        status = gln_gateway_open(&h->gateway, h->context);
    return status;
}

int main(int argc, char **argv)
{
    struct host h = {0};
    int status;

    if (argc < 5) {
        fprintf(stderr, "usage: embed-submit LEDGER DESTINATION DECLARATION OUTPUT-FOLDER [SIGN-COMMAND]\n");
        return 2;
    }
    h.folder = argv[4];
    h.sign_command = argc > 5 ? argv[5] : NULL;
    if (gln_init() != GLN_OK)
        return 3;
    status = open_all(&h, argv[1]);
    if (status == GLN_OK)
        status = submit(&h, argv[2], argv[3]);
    if (status == GLN_OK)
        status = work_through(&h);
    if (status != GLN_OK && h.context != NULL)
        fprintf(stderr, "%s: %s\n", gln_status_text(status), gln_context_error(h.context, GLN_EN));
    gln_gateway_close(h.gateway);
    gln_context_free(h.context);
    gln_engine_free(h.engine);
    gln_config_free(h.config);
    gln_shutdown();
    return gln_status_exit(status);
}
