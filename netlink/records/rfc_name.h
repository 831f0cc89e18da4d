#pragma once

#include <string>

#include "records/tcp_state.h"

namespace halfclosed {

/// A state for people, as RFC 9293 spells it: "FIN-WAIT-2", "SYN-RECEIVED".
std::string rfc_name(TcpState state);

}  // namespace halfclosed
