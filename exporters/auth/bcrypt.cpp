#include "exporters/auth/bcrypt.h"

#include <crypt.h>
#include <gnutls/crypto.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>

namespace halfclosed::auth {

namespace {

// "$2b$10$", 22 characters of salt, 31 of hash: crypt(5)
constexpr std::size_t kHashLength = 60;
constexpr std::size_t kSaltBegin = 7;
constexpr std::string_view kDigits =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

std::optional<int> bcrypt_cost(const std::string& hash) {
    const std::string_view text = hash;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != kHashLength || text.substr(0, 2) != "$2" ||
        std::string_view("aby").find(text[2]) == std::string_view::npos || text[3] != '$' ||
        !digit(text[4]) || !digit(text[5]) || text[6] != '$' ||
        text.substr(kSaltBegin).find_first_not_of(kDigits) != std::string_view::npos) {
        return std::nullopt;
    }
    const int cost = (text[4] - '0') * 10 + (text[5] - '0');
    return cost >= 4 && cost <= 31 ? std::optional(cost) : std::nullopt;
}

std::string nobodys_hash(int cost) {
    const std::string digits = std::to_string(cost);
    return "$2b$" + std::string(2 - digits.size(), '0') + digits + "$" +
           std::string(kHashLength - kSaltBegin, 'O');
}

bool bcrypt_matches(const std::string& password, const std::string& hash) {
    // crypt(3) reads up to a NUL: "secret\0anything" is not "secret". The work is done all the same.
    const bool whole =
        password.find('\0') == std::string::npos && password.size() < CRYPT_MAX_PASSPHRASE_SIZE;
    const auto scratch = std::make_unique<crypt_data>();
    const char* made = crypt_rn(whole ? password.c_str() : "", hash.c_str(), scratch.get(),
                                static_cast<int>(sizeof(crypt_data)));
    const std::string_view text = made != nullptr ? made : "";
    const bool same =
        text.size() == hash.size() && gnutls_memcmp(text.data(), hash.data(), hash.size()) == 0;
    gnutls_memset(scratch.get(), 0, sizeof(crypt_data));
    return whole && same;
}

}  // namespace halfclosed::auth
