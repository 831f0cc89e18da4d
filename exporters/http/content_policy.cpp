#include "exporters/http/content_policy.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <array>
#include <stdexcept>

namespace halfclosed::exporters {

namespace {

constexpr std::size_t kSha256Length = 32;

std::string base64_of_sha256(std::string_view text) {
    std::array<unsigned char, kSha256Length> digest{};
    const gnutls_datum_t raw{digest.data(), static_cast<unsigned>(digest.size())};
    gnutls_datum_t encoded{};
    int status = gnutls_hash_fast(GNUTLS_DIG_SHA256, text.data(), text.size(), digest.data());
    if (status == 0) {
        status = gnutls_base64_encode2(&raw, &encoded);
    }
    if (status != 0) {
        throw std::runtime_error(std::string("SHA-256: ") + gnutls_strerror(status));
    }
    std::string hash(reinterpret_cast<const char*>(encoded.data), encoded.size);
    gnutls_free(encoded.data);
    return hash;
}

}  // namespace

std::string content_policy_with_style(std::string_view style_sheet) {
    return std::string(kContentPolicy) + "; style-src 'self' 'sha256-" +
           base64_of_sha256(style_sheet) + "'";
}

}  // namespace halfclosed::exporters
