#pragma once

#include <cstddef>

#include "exporters/auth/web_config.h"

namespace halfclosed::auth {

/// Whether a ClientHello (RFC 8446, 4.1.2; without the handshake header) offers one of the versions from `oldest` to
/// `newest`. One that is not well-formed does: what is wrong with it is for GnuTLS to say.
bool offers_version(const unsigned char* hello, std::size_t size, TlsVersion oldest,
                    TlsVersion newest);

}  // namespace halfclosed::auth
