#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::auth {

/// Who a request says it comes from.
struct Credentials {
    std::string user;
    std::string password;

    bool operator==(const Credentials&) const = default;
};

/// What an Authorization header of the scheme Basic says (RFC 7617). Nothing if it is of another scheme, or not
/// well-formed.
std::optional<Credentials> basic_credentials(std::string_view authorization);

}  // namespace halfclosed::auth
