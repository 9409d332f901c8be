#ifndef BULLFLOW_CHIREDIS_H
#define BULLFLOW_CHIREDIS_H

// The reply reader alone: the transport is SwiftNIO's.
#include <hiredis/read.h>

#endif
