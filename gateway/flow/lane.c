/*
 * Lane: expedited or standard, decided by trust/ from the register at this instant, and kept as JSON beside the declaration.
 * After it the claims of the declaration are gone from the pivot: the decision replaces them. Never a refusal.
 *
 * The register belongs to the gateway and may be replaced while it runs, so it is read under the gateway's lock. Without a
 * gateway there is no register, and the decision says so.
 */
#include "flow/internal.h"

#include "util/str.h"

void facts_settings(struct lane_facts *f, const struct gln_context *ctx)
{
    f->own_maker = str_eq(option_text(ctx->options, OPT_FAST_MAKER), "own-southern");
    f->fiii = str_eq(option_text(ctx->options, OPT_OE_COUNTRY), "fiii");
    f->codes = ctx->engine != NULL ? ctx->engine->codes : NULL;
}

/* FAST is asked for with the driver's card, or was had already. */
static void facts_fast(struct lane_facts *f, const struct xml_node *declaration)
{
    for (const struct xml_node *n = xml_first(declaration); n != NULL; n = xml_next(n)) {
        const char *code = xml_is(n, "AdditionalInformation") ? xml_find_text(n, "StatementCode") : NULL;
        const char *value = code != NULL ? xml_find_text(n, "StatementDescription") : NULL;

        if (value != NULL && str_eq(code, "US.FASTCARD"))
            f->fast = f->driver = true;
        else if (value != NULL && str_eq(code, "US.RELEASED") && str_starts(value, "FAST"))
            f->fast = true;
    }
    f->seal = xml_find(declaration, "GoodsShipment/Consignment/TransportEquipment/Seal/ID") != NULL ||
              xml_find(declaration, "Consignment/TransportEquipment/Seal/ID") != NULL;
    f->southern = str_eq(f->destination, "US") &&
                  str_eq(xml_find_text(declaration, "GoodsShipment/ExportCountry/ID"), "MX");
}

int flow_lane(struct gln_declaration *d, struct gln_gateway *gw)
{
    const struct route_destination *dest = d->wish.destination;
    struct lane_facts *f = &d->facts;
    int status;

    *f = (struct lane_facts){
        .destination = dest != NULL ? dest->country : "",
        .zone = dest != NULL ? dest->zone : "UTC",
        .environment = option_text(d->ctx->options, OPT_ENVIRONMENT),
        .submitter = flow_actor(d),
        .claimed = d->claimed,
        .at_ms = clock_wall_ms(d->ctx->clock),
        .parties = d->parties,
        .party_count = d->party_count,
        .claims = d->claims,
        .claim_count = d->claim_count,
    };
    if (gw != NULL)
        gateway_register(gw, d->ctx);
    facts_settings(f, d->ctx);
    facts_fast(f, xml_child(xml_root(d->pivot), "Declaration"));
    if (gw != NULL)
        pthread_mutex_lock(&gw->lock);
    status = lane_decide(&d->decision, d->ctx, gw != NULL ? gw->operators : NULL, f);
    if (gw != NULL)
        pthread_mutex_unlock(&gw->lock);
    if (status != GLN_OK)
        return status;
    watch_take(&d->watch, f, &d->decision,
               xml_find_text(xml_root(d->pivot), "Declaration/DeclarationOfficeID"));
    lane_json(&d->decision_json, &d->decision, f);
    if (d->decision_json.failed)
        return context_no_memory(d->ctx);
    if (d->decision.lane == LANE_EXPEDITED)
        status = lane_receipt(&d->lane_receipt, d->ctx, &d->decision, f);
    if (status != GLN_OK)
        return status;
    if (d->decision.alert != ALERT_NONE)
        log_write(d->ctx->log, d->decision.alert == ALERT_SECURITY ? LOG_LEVEL_ALERT : LOG_LEVEL_NOTICE,
                  "lane", xml_find_text(xml_root(d->pivot), "Declaration/FunctionalReferenceID"),
                  "%s lane, %s: a person should look at this declaration of '%s'",
                  lane_name(d->decision.lane), d->decision.primary,
                  flow_actor(d) != NULL ? flow_actor(d) : "local");
    /* the strings of a party that stands only for a claim go with the claim */
    d->facts.parties = NULL;
    d->facts.party_count = 0;
    d->facts.claims = NULL;
    d->facts.claim_count = 0;
    parties_free(d);
    claims_strip(xml_child(xml_root(d->pivot), "Declaration"));
    return GLN_OK;
}
