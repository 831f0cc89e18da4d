// Any bytes in place of the first thing that a stranger sends to a page with TLS.

#include <cstddef>
#include <cstdint>

#include "exporters/auth/client_hello.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using halfclosed::auth::offers_version;
    using halfclosed::auth::TlsVersion;
    offers_version(data, size, TlsVersion::tls10, TlsVersion::tls12);
    offers_version(data, size, TlsVersion::tls13, TlsVersion::tls13);
    return 0;
}
