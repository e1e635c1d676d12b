/* outcome.c - starting the library, and the outcomes as the public API shows them */
#include "sdk/fumibako.h"

#include "base/secret.h"
#include "schemas/outcomes.h"

static struct fumi_outcome shown[OUTCOMES_COUNT];

int fumi_start(void)
{
        for (size_t i = 0; i < OUTCOMES_COUNT; i++)
                shown[i] = (struct fumi_outcome){
                        .code = (int)outcomes[i].code,
                        .name = outcomes[i].name,
                        .english = outcomes[i].en,
                        .japanese = outcomes[i].ja,
                        .next_english = outcomes[i].next_en,
                        .next_japanese = outcomes[i].next_ja,
                        .retry = outcomes[i].retry,
                };
        return secret_init();
}

unsigned fumi_version(void)
{
        return FUMI_VERSION;
}

const struct fumi_outcome *fumi_outcome(int code)
{
        for (size_t i = 0; i < OUTCOMES_COUNT; i++)
                if (shown[i].name && shown[i].code == code)
                        return &shown[i];
        return NULL;
}
