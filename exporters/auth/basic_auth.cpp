#include "exporters/auth/basic_auth.h"

#include <gnutls/gnutls.h>

#include <algorithm>
#include <cctype>

namespace halfclosed::auth {

namespace {

/// RFC 4648, section 4, with its padding and nothing else: GnuTLS passes over blanks, and wants some text.
std::optional<std::string> from_base64(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    if (text.empty() || text.size() % 4 != 0 ||
        text.find_first_not_of(kAlphabet) != std::string_view::npos) {
        return std::nullopt;
    }
    const gnutls_datum_t encoded{reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
                                 static_cast<unsigned>(text.size())};
    gnutls_datum_t decoded{};
    if (gnutls_base64_decode2(&encoded, &decoded) != 0) {
        return std::nullopt;
    }
    std::string bytes(reinterpret_cast<const char*>(decoded.data), decoded.size);
    gnutls_free(decoded.data);
    return bytes;
}

}  // namespace

std::optional<Credentials> basic_credentials(std::string_view authorization) {
    constexpr std::string_view kScheme = "basic ";
    const std::string_view scheme = authorization.substr(0, kScheme.size());
    const bool basic = std::equal(
        scheme.begin(), scheme.end(), kScheme.begin(), kScheme.end(), [](char c, char expected) {
            return std::tolower(static_cast<unsigned char>(c)) == expected;
        });
    if (!basic) {
        return std::nullopt;
    }
    const auto text = from_base64(authorization.substr(kScheme.size()));
    const std::size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

}  // namespace halfclosed::auth
