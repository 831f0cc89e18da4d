#pragma once

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;

namespace halfclosed::auth {

/// One handshake of a server with these credentials and priorities, in memory, with a client of the same priorities that
/// believes everything: whether anybody can be served at all. A certificate's key usage may rule out every key exchange
/// that there is (RFC 5280, 4.2.1.3; RFC 8446, 4.4.2.2). Returns GnuTLS's error, 0 if it succeeds.
int try_handshake(gnutls_certificate_credentials_st* server, gnutls_priority_st* priority);

}  // namespace halfclosed::auth
