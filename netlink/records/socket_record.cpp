#include "records/socket_record.h"

namespace halfclosed {

const char* name(Protocol protocol) {
    switch (protocol) {
        case Protocol::tcp:
            return "tcp";
        case Protocol::mptcp:
            return "mptcp";
        case Protocol::mptcp_subflow:
            return "mptcp_subflow";
    }
    return "unknown";
}

}  // namespace halfclosed
