#include "commands/comparison.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "exporters/snapshot/leaks.h"
#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

struct Known {
    std::string owner;
    bool leaked = false;
};
using Sockets = std::map<Cookie, Known>;

Sockets sockets_of(const exporters::Snapshot& snapshot) {
    Sockets sockets;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        sockets[socket.record.cookie] = {owner_label(snapshot.owner(socket.record)),
                                         exporters::is_leaked(socket, snapshot)};
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        sockets[dead.socket.record.cookie] = {owner_label(snapshot.owner(dead.socket.record)),
                                              true};
    }
    return sockets;
}

void agree_on_owner(Known& one, Known& other) {
    if (one.owner == kUnknownOwner) {
        one.owner = other.owner;
    } else if (other.owner == kUnknownOwner) {
        other.owner = one.owner;
    }
}

/// Those with leaks or changes, of them the first and the last: what grew most, and what was mended.
std::vector<OwnerChange> most_changed(std::vector<OwnerChange> changes, std::size_t most) {
    const auto matters = [](const OwnerChange& change) {
        return change.leaked_before + change.leaked_after > 0;
    };
    std::vector<OwnerChange> chosen;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(chosen), matters);
    if (chosen.empty()) {
        chosen.push_back(changes.front());
    }
    if (chosen.size() > most) {
        chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(most / 2),
                     chosen.end() - static_cast<std::ptrdiff_t>(most - most / 2));
    }
    return chosen;
}

/// "shop.service: 44 of 44 are gone, none is new"
std::string verdict(const OwnerChange& change) {
    std::string text = text::printable(change.owner) + ": ";
    if (change.before > 0) {
        text += (change.gone == 0 ? "none" : std::to_string(change.gone)) + " of " +
                std::to_string(change.before) + (change.gone <= 1 ? " is gone, " : " are gone, ");
    }
    text += change.added == 0   ? "none is new"
            : change.added == 1 ? "1 is new"
                                : std::to_string(change.added) + " are new";
    if (change.leaked_after > change.leaked_before) {
        text += "; leaks grew from " + std::to_string(change.leaked_before) + " to " +
                std::to_string(change.leaked_after);
    }
    return text;
}

}  // namespace

std::vector<OwnerChange> compare(const exporters::Snapshot& before,
                                 const exporters::Snapshot& after) {
    Sockets then = sockets_of(before);
    Sockets now = sockets_of(after);
    for (auto& [cookie, known] : then) {
        if (const auto still = now.find(cookie); still != now.end()) {
            agree_on_owner(known, still->second);
        }
    }
    std::map<std::string, OwnerChange> changes;
    for (const auto& [cookie, known] : then) {
        OwnerChange& change = changes[known.owner];
        ++change.before;
        change.gone += now.contains(cookie) ? 0 : 1;
        change.leaked_before += known.leaked ? 1 : 0;
    }
    for (const auto& [cookie, known] : now) {
        OwnerChange& change = changes[known.owner];
        ++change.after;
        change.added += then.contains(cookie) ? 0 : 1;
        change.leaked_after += known.leaked ? 1 : 0;
    }
    std::vector<OwnerChange> result;
    for (auto& [owner, change] : changes) {
        change.owner = owner;
        result.push_back(change);
    }
    const auto growth = [](const OwnerChange& change) {
        return static_cast<std::int64_t>(change.after) - static_cast<std::int64_t>(change.before);
    };
    std::stable_sort(result.begin(), result.end(), [&](const auto& a, const auto& b) {
        return std::tuple(growth(a), a.after) > std::tuple(growth(b), b.after);
    });
    return result;
}

std::string comparison_text(const exporters::Snapshot& before, const exporters::Snapshot& after,
                            const text::TerminalStyle& style, std::optional<std::size_t> most) {
    std::vector<OwnerChange> changes = compare(before, after);
    const std::string span = "since " + text::rfc3339(before.time) + ", " +
                             text::duration_text(after.time - before.time) + " ago";
    if (changes.empty()) {
        return "No half-closed sockets then nor now (" + span + ").\n";
    }
    const std::size_t all = changes.size();
    changes.resize(std::min(all, most.value_or(all)));
    constexpr std::size_t kNumber = 9;
    std::size_t width = 5;
    for (const OwnerChange& change : changes) {
        width = std::max(width, text::columns(text::printable(change.owner)));
    }
    std::string out = text::padded("OWNER", width);
    for (const char* const title : {"BEFORE", "NOW", "NEW", "GONE", "LEAKED"}) {
        out += text::padded_left(title, kNumber);
    }
    out = text::painted(out, text::Paint::dim, style) + "\n";
    for (const OwnerChange& change : changes) {
        const bool grew = change.after > change.before;
        out += text::padded(text::printable(change.owner), width);
        out += text::padded_left(std::to_string(change.before), kNumber);
        out += text::padded_left(std::to_string(change.after), kNumber);
        out +=
            text::painted(text::padded_left(std::to_string(change.added), kNumber),
                          change.added > 0 && grew ? text::Paint::red : text::Paint::plain, style);
        out += text::padded_left(std::to_string(change.gone), kNumber);
        out += text::padded_left(std::to_string(change.leaked_after), kNumber);
        out += "\n";
    }
    if (all > changes.size()) {
        out += "… and " + std::to_string(all - changes.size()) + " more\n";
    }
    out += "\n";
    constexpr std::size_t kMostVerdicts = 5;
    for (const OwnerChange& change : most_changed(changes, kMostVerdicts)) {
        out += text::wrapped(verdict(change) + ".", 0, style.width);
    }
    return out + text::wrapped("S" + span.substr(1) + ".", 0, style.width);
}

std::string comparison_json(const exporters::Snapshot& before, const exporters::Snapshot& after,
                            std::optional<std::size_t> most, std::size_t left_out) {
    text::Json json;
    json.add("schema", "halfclosed.comparison/1");
    json.add("since", text::rfc3339(before.time));
    json.add("time", text::rfc3339(after.time));
    json.add("left_out", left_out);
    std::vector<OwnerChange> changes = compare(before, after);
    changes.resize(std::min(changes.size(), most.value_or(changes.size())));
    text::Json owners = text::Json::array();
    for (const OwnerChange& change : changes) {
        owners.push_back({{"name", text::printable(change.owner)},
                          {"before", change.before},
                          {"now", change.after},
                          {"new", change.added},
                          {"gone", change.gone},
                          {"remained", change.remained()},
                          {"leaked_before", change.leaked_before},
                          {"leaked_now", change.leaked_after}});
    }
    json.add("owners", owners);
    return json.dump() + "\n";
}

}  // namespace halfclosed
