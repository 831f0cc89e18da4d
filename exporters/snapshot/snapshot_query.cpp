#include "exporters/snapshot/snapshot_query.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "text/nearest.h"
#include "text/time.h"
#include "text/words.h"

namespace halfclosed::exporters {

namespace {

/// The values of "a,b", none of them empty. Throws std::invalid_argument.
std::vector<std::string> listed(const std::string& text) {
    std::vector<std::string> values;
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        values.push_back(text.substr(start, end - start));
        if (values.back().empty()) {
            throw std::invalid_argument("a value is missing");
        }
        start = end + 1;
    }
    return values;
}

using Set = void (*)(SnapshotQuery& query, const std::string& text);

/// Takes each of several values.
template <auto Member, auto Parse>
void add_each(SnapshotQuery& query, const std::string& text) {
    for (const std::string& value : listed(text)) {
        (query.filter.*Member).push_back(Parse(value));
    }
}

std::string as_it_is(const std::string& text) {
    return text;
}

const std::array<std::pair<const char*, Set>, 7> kParameters{{
    {"state", add_each<&SocketFilter::states, parse_half_closed_state>},
    {"cause", add_each<&SocketFilter::causes, parse_cause>},
    {"owner", add_each<&SocketFilter::owners, as_it_is>},
    {"older-than",
     [](SnapshotQuery& query, const std::string& text) {
         query.filter.older_than = text::parse_duration(text);
     }},
    {"sort",
     [](SnapshotQuery& query, const std::string& text) { query.order = parse_socket_order(text); }},
    {"limit",
     [](SnapshotQuery& query, const std::string& text) { query.limit = parse_limit(text); }},
    {"group-by",
     [](SnapshotQuery& query, const std::string& text) { query.by = parse_group_by(text); }},
}};

Set setter(const std::string& key) {
    std::vector<std::string> names;
    for (const auto& [name, set] : kParameters) {
        if (key == name) {
            return set;
        }
        names.emplace_back(name);
    }
    throw std::invalid_argument("parameter " + text::not_one_of(key, "known", names));
}

}  // namespace

SnapshotQuery snapshot_query_of(const std::map<std::string, std::string>& query) {
    SnapshotQuery result;
    for (const auto& [key, value] : query) {
        const Set set = setter(key);
        try {
            set(result, value);
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(key + ": " + error.what());
        }
    }
    return result;
}

std::size_t parse_limit(const std::string& text) {
    const auto number = text::to_number<std::size_t>(text);
    if (!number || *number == 0) {
        throw std::invalid_argument("'" + text + "' is not a number from 1 on");
    }
    return *number;
}

}  // namespace halfclosed::exporters
