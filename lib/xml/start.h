/* start.h - libxml2 and xmlsec1 made ready, once for the process
 *
 * Both rooms of lib/xml need it: signing and judging. The libraries may be the host program's, too
 * (libfumibako-tax lives inside tax software), so nothing is set here that others would notice,
 * but that xmlsec1 no longer talks on standard error: what keeps files, networks and entities out
 * is said with each parsing and each signature. */
#pragma once

/* 0, or -EIO when the libraries and their headers do not fit or cannot start. Any number of times,
 * from any thread. */
int xml_start(void);
