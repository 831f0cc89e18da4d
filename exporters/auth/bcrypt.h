#pragma once

#include <optional>
#include <string>

namespace halfclosed::auth {

/// The cost of a bcrypt hash: "$2b$10$…" has 10, and twice the work for each step. Nothing for text that is no bcrypt
/// hash of the variants a, b or y.
std::optional<int> bcrypt_cost(const std::string& hash);

/// A hash of this cost (4 to 31) that no password is known for: what to check against if there is no user.
std::string nobodys_hash(int cost);

/// Whether the hash is the password's. Slow, as it is meant to be: about 60 ms at a cost of 10. `hash` is one that has
/// a cost. Thread-safe.
bool bcrypt_matches(const std::string& password, const std::string& hash);

}  // namespace halfclosed::auth
