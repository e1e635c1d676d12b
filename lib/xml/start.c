/* start.c - libxml2 and xmlsec1 made ready, once for the process */
#include "xml/start.h"

#include "base/fault.h"

#include <errno.h>
#include <libxml/parser.h>
#include <pthread.h>
#include <stddef.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>

static int result;

static void start(void)
{
        xmlInitParser();
        if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecOpenSSLAppInit(NULL) < 0 ||
            xmlSecOpenSSLInit() < 0)
                result = -EIO;
        /* What goes wrong is told by results and findings, not on the host's standard error. */
        xmlSecErrorsDefaultCallbackEnableOutput(0);
}

int xml_start(void)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;

        if (pthread_once(&once, start))
                return fault(-EIO);
        return result ? fault(result) : 0;
}
