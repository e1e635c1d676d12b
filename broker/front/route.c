/* route.c - a connection's number */
#include "front/route.h"

bool route_read(struct slice identity, uint8_t route[static 4])
{
        if (identity.len != ROUTE_IDENTITY || identity.at[0] != 0)
                return false;
        memcpy(route, identity.at + 1, 4);
        return true;
}

void route_identity(uint8_t out[static ROUTE_IDENTITY], const uint8_t route[static 4])
{
        out[0] = 0;
        memcpy(out + 1, route, 4);
}
