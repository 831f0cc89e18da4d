#include "http/query.h"

#include <stdexcept>

#include "text/percent.h"

namespace halfclosed::http {

std::map<std::string, std::string> decoded_query(const Request& request) {
    std::map<std::string, std::string> query;
    for (const auto& [key, value] : request.query) {
        const auto plain_key = text::percent_decoded(key);
        const auto plain_value = text::percent_decoded(value);
        if (!plain_key || !plain_value) {
            throw std::invalid_argument("a % without two hexadecimal digits");
        }
        // "name[]" and "name%5B%5D" are one key: as of a key that is there several times.
        const auto [place, added] = query.try_emplace(*plain_key, *plain_value);
        if (!added) {
            place->second += "," + *plain_value;
        }
    }
    return query;
}

}  // namespace halfclosed::http
