/* lookup.c - P4.4, P4.5: statements in force, for anyone who knows the name */
#include "core/core_impl.h"

#include "base/fault.h"

#include <errno.h>

int lookup_read(struct core *c, struct core_request *r, struct rows *look, instant now,
                struct buf *out)
{
        struct answer_lookup answer = { .has_statement = true };
        struct row_address address;
        struct row_statement row;
        int res;

        if (!name_address_get(r->ask.lookup.address, NULL))
                return request_refuse(r, OUTCOME_NO_SUCH_ADDRESS, "address");
        res = row_get_address(look, r->ask.lookup.address, &address, NULL);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_NO_SUCH_ADDRESS, "address");
        if (!res)
                res = row_get_statement(look, &address.statement, &row);
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        answer.statement = row.note;
        answer.has_attestation = row.has_attestation;
        answer.attestation = row.attestation;
        request_answer(r, out, &answer);
        return 0;
}

int lookup_read_sender(struct core *c, struct core_request *r, struct rows *look, instant now,
                       struct buf *out)
{
        struct answer_sender answer = { .has_statement = true };
        struct row_sender sender;
        struct row_statement row;
        int res;

        if (!name_party_ok(r->ask.sender.name))
                return request_refuse(r, OUTCOME_UNKNOWN_SENDER, "name");
        res = row_get_sender(look, r->ask.sender.name, &sender);
        if (res == STORE_ABSENT)
                return request_refuse(r, OUTCOME_UNKNOWN_SENDER, "name");
        if (!res)
                res = row_get_statement(look, &sender.statement, &row);
        if (res)
                return res == STORE_ABSENT ? fault(-EBADMSG) : res;
        answer.statement = row.note;
        request_answer(r, out, &answer);
        return 0;
}
