#pragma once

namespace halfclosed::http {

/// Where what the peer has sent so far begins as an HTTP request does and not as TLS, answers that this port speaks
/// HTTPS, and says so; the descriptor still is to be closed. Does not wait: what has not come yet fails as a handshake
/// does.
bool answered_plain_http(int descriptor);

}  // namespace halfclosed::http
