#include "exporters/auth/client_hello.h"

#include <gnutls/gnutls.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace halfclosed::auth {

namespace {

/// TLS 1.0 is 0x0301, TLS 1.3 is 0x0304.
constexpr unsigned kTls10 = 0x0301;

unsigned number_of(TlsVersion version) {
    return kTls10 + static_cast<unsigned>(version);
}

unsigned number_at(const unsigned char* bytes) {
    return static_cast<unsigned>(bytes[0]) << 8 | bytes[1];
}

using Versions = std::optional<std::vector<unsigned>>;

/// The extension supported_versions: a length of one byte, and that many bytes of versions.
int keep_versions(void* versions, unsigned extension, const unsigned char* data, unsigned size) {
    constexpr unsigned kSupportedVersions = 43;
    if (extension == kSupportedVersions) {
        std::vector<unsigned> offered;
        for (unsigned at = 1; at + 1 < size; at += 2) {
            offered.push_back(number_at(data + at));
        }
        *static_cast<Versions*>(versions) = std::move(offered);
    }
    return 0;
}

}  // namespace

bool offers_version(const unsigned char* hello, std::size_t size, TlsVersion oldest,
                    TlsVersion newest) {
    Versions versions;
    const gnutls_datum_t datum{const_cast<unsigned char*>(hello), static_cast<unsigned>(size)};
    const int parsed = gnutls_ext_raw_parse(&versions, &keep_versions, &datum,
                                            GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
    // Without the extension the version at the beginning is the newest that is offered (RFC 8446, 4.2.1).
    if (!versions) {
        const bool old = parsed == 0 || parsed == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
        return !old || size < 2 ||
               (number_at(hello) >= number_of(oldest) && oldest != TlsVersion::tls13);
    }
    return std::any_of(versions->begin(), versions->end(), [oldest, newest](unsigned version) {
        return version >= number_of(oldest) && version <= number_of(newest);
    });
}

}  // namespace halfclosed::auth
