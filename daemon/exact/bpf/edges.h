/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#pragma once

#include "kernel.h"
#include "layout.h"

/* The counter of an edge; a number below 0 for one that is not counted. A socket of TCP Fast Open goes past ESTABLISHED. */
static __always_inline int edge(int from, int to) {
    switch (from) {
        case TCP_SYN_RECV:
        case TCP_ESTABLISHED:
            return to == TCP_FIN_WAIT1    ? EXACT_ESTABLISHED_FIN_WAIT1
                   : to == TCP_CLOSE_WAIT ? EXACT_ESTABLISHED_CLOSE_WAIT
                                          : -1;
        case TCP_FIN_WAIT1:
            return to == TCP_FIN_WAIT2 ? EXACT_FIN_WAIT1_FIN_WAIT2
                   : to == TCP_CLOSING ? EXACT_FIN_WAIT1_CLOSING
                   : to == TCP_CLOSE   ? EXACT_FIN_WAIT1_CLOSE
                                       : -1;
        case TCP_FIN_WAIT2:
            return to == TCP_CLOSE ? EXACT_FIN_WAIT2_CLOSE : -1;
        case TCP_CLOSING:
            return to == TCP_CLOSE ? EXACT_CLOSING_CLOSE : -1;
        case TCP_CLOSE_WAIT:
            return to == TCP_LAST_ACK ? EXACT_CLOSE_WAIT_LAST_ACK
                   : to == TCP_CLOSE  ? EXACT_CLOSE_WAIT_CLOSE
                                      : -1;
        case TCP_LAST_ACK:
            return to == TCP_CLOSE ? EXACT_LAST_ACK_CLOSE : -1;
        default:
            return -1;
    }
}
