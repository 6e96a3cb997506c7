/*
 * Clients of a daemon: threads that share a counter, each with one kept HTTPS connection and a client certificate, each sending one
 * declaration after the other and waiting for its receipt. A declaration counts when 201 came back: its receipt is on disk then.
 *
 * The clients' own work (TLS, making the declarations) is done on the same processors as the daemon's.
 */
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

enum { CLIENTS_MOST = 256 };

struct counter {
    const struct load *load;
    pthread_mutex_t lock;
    unsigned next;   /* how many were taken */
    unsigned failed; /* not answered by 201 */
    double slowest;  /* seconds from sending to receipt */
};

static size_t ignore(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

static bool take(struct counter *c, unsigned *serial)
{
    bool more;

    pthread_mutex_lock(&c->lock);
    more = c->next < c->load->count;
    if (more)
        *serial = c->load->first + c->next++;
    pthread_mutex_unlock(&c->lock);
    return more;
}

static void note(struct counter *c, bool good, double took, long code)
{
    pthread_mutex_lock(&c->lock);
    if (!good && c->failed++ == 0)
        fprintf(stderr, "bench: a declaration was answered by %ld\n", code);
    if (took > c->slowest)
        c->slowest = took;
    pthread_mutex_unlock(&c->lock);
}

static CURL *connection(const struct load *l, const char *url, struct curl_slist *headers)
{
    CURL *curl = curl_easy_init();

    if (curl == NULL)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CAINFO, l->ca);
    curl_easy_setopt(curl, CURLOPT_SSLCERT, l->cert);
    curl_easy_setopt(curl, CURLOPT_SSLKEY, l->key);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    return curl;
}

static void *client(void *arg)
{
    struct counter *c = arg;
    const struct load *l = c->load;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/xml");
    struct buf body = BUF_INIT;
    char url[512];
    unsigned serial;
    CURL *curl;

    /* one header is never there, so that no 100 Continue is waited for */
    headers = curl_slist_append(headers, "Expect:");
    snprintf(url, sizeof url, "%s/v1/declarations?to=%s", l->url, road_names[l->road]);
    curl = connection(l, url, headers);
    while (curl != NULL && take(c, &serial)) {
        double since = wall_now();
        long code = 0;
        bool good;

        buf_clear(&body);
        declare(&body, l->road, l->size, serial);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.len);
        good = curl_easy_perform(curl) == CURLE_OK;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
        note(c, good && code == 201, wall_now() - since, code);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    buf_free(&body);
    return NULL;
}

bool load_run(const struct load *l)
{
    struct counter c = {.load = l};
    pthread_t threads[CLIENTS_MOST];
    unsigned started = 0;
    double since = wall_now();

    if (l->clients > CLIENTS_MOST || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return false;
    pthread_mutex_init(&c.lock, NULL);
    while (started < l->clients && pthread_create(&threads[started], NULL, client, &c) == 0)
        started++;
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&c.lock);
    printf("{\"name\":\"%s\",\"clients\":%u,\"declarations\":%u,\"failed\":%u,\"per_s\":%.1f,\"slowest_ms\":%"
           ".1f}\n",
           l->name, started, c.next, c.failed, c.next / (wall_now() - since), c.slowest * 1e3);
    return started == l->clients && c.failed == 0 && c.next == l->count;
}
