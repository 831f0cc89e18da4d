#include <cstdio>
#include <utility>

#include "ledger.h"

namespace year {

std::string Ledger::text(const Machine& machine) const {
    std::string text = "{\"counts\":{";
    const char* comma = "";
    for (const auto& [what, count] : counts_) {
        text += comma + ("\"" + what + "\":") + std::to_string(count);
        comma = ",";
    }
    text += "},\"sockets\":{";
    comma = "";
    for (const auto& [cookie, known] : known_) {
        const Connection& connection = machine.connections()[known.slot];
        if (known.state == State::time_wait) {
            continue;
        }
        // One that has changed since the last look is as old as it was then, in a state that is over.
        const bool same = connection.cookie == cookie && connection.state == known.state;
        char line[256];
        std::snprintf(
            line, sizeof line,
            "%s\"%llx\":{\"port\":%d,\"state\":\"%s\",\"age\":%.9f,\"sends\":%s,\"inode\":%u,"
            "\"polls\":%llu}",
            comma, static_cast<unsigned long long>(cookie), known.port, name(known.state),
            same ? static_cast<double>(last_look_ - connection.since) * 1e-9 : -1.0,
            connection.sends ? "true" : "false", known.inode,
            static_cast<unsigned long long>(known.polls));
        text += line;
        comma = ",";
    }
    std::size_t pending = 0;
    text += "},\"dead\":{";
    comma = "";
    for (const Candidate& candidate : candidates_) {
        pending += candidate.pending && !candidate.dead ? 1 : 0;
        if (candidate.dead) {
            char line[64];
            std::snprintf(line, sizeof line, "%s\"%llx\":%d", comma,
                          static_cast<unsigned long long>(candidate.cookie), candidate.port);
            text += line;
            comma = ",";
        }
    }
    const auto number = [&text](const char* what, std::uint64_t value) {
        text += std::string(",\"") + what + "\":" + std::to_string(value);
    };
    text += "}";
    number("pending", pending);
    number("looks", looks_);
    number("censuses", censuses_);
    number("half_closed_seen", half_closed_seen_);
    number("found", found_);
    number("seen_five_polls_ago", seen_by_poll_.front());
    number("born", machine.born());
    for (const auto& [what, table] :
         {std::pair{"look", at_look_}, std::pair{"census", at_census_}}) {
        text += std::string(",\"") + what + "\":{\"inuse\":" + std::to_string(table.inuse);
        number("inuse6", table.inuse6);
        number("orphan", table.orphan);
        number("tw", table.tw);
        text += "}";
    }
    return text + "}\n";
}

}  // namespace year
