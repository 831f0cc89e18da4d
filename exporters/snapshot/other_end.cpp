#include "exporters/snapshot/other_end.h"

#include <algorithm>
#include <cctype>

#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

using tracking::TrackedSocket;

/// "FIN-WAIT-2", as RFC 9293 spells it.
std::string rfc_name(TcpState state) {
    std::string text = name(state);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return letter == '_' ? '-' : static_cast<char>(std::toupper(letter));
    });
    if (const char last = text.back(); last == '1' || last == '2') {
        text.insert(text.size() - 1, "-");
    }
    return text;
}

/// The two may be ends of one connection at one moment: one has not got the other's FIN, or both have sent theirs.
bool can_face(TcpState a, TcpState b) {
    const auto has_sent = [](TcpState state) { return state != TcpState::close_wait; };
    return has_sent(a) || has_sent(b);
}

}  // namespace

OtherEnds::OtherEnds(const Snapshot& snapshot) : snapshot_(snapshot) {
    for (const auto* sockets : {&snapshot.sockets, &snapshot.left_out}) {
        for (const TrackedSocket& socket : *sockets) {
            by_ends_.emplace(Key{half(socket.record.local), half(socket.record.remote)}, &socket);
        }
    }
    follow_chains();
}

const TrackedSocket* OtherEnds::of(const SocketRecord& socket) const {
    const TrackedSocket* found = find(socket, {socket.remote, socket.local});
    if (found != nullptr) {
        return found;
    }
    const auto translated = snapshot_.translations.find(socket.cookie);
    return translated == snapshot_.translations.end() ? nullptr : find(socket, translated->second);
}

/// The end that has these addresses.
const TrackedSocket* OtherEnds::find(const SocketRecord& socket,
                                     const ConnectionEnds& other) const {
    const bool here = other.local.address.is_loopback() || other.remote.address.is_loopback() ||
                      other.remote.address.is_link_local();
    const auto [first, last] = by_ends_.equal_range({half(other.local), half(other.remote)});
    const TrackedSocket* near = nullptr;
    const TrackedSocket* far = nullptr;
    unsigned elsewhere = 0;
    for (auto each = first; each != last; ++each) {
        const SocketRecord& record = each->second->record;
        if (record.cookie == socket.cookie || !can_face(record.state, socket.state)) {
            continue;
        }
        if (record.netns == socket.netns) {
            near = each->second;
        } else if (!here) {
            far = each->second;
            ++elsewhere;
        }
    }
    return near != nullptr ? near : elsewhere == 1 ? far : nullptr;
}

/// The one owner that keeps all these connections waiting.
std::optional<std::string> OtherEnds::waits_for(
    const std::vector<const TrackedSocket*>& passed_on) const {
    std::optional<std::string> next;
    for (const TrackedSocket* socket : passed_on) {
        const TrackedSocket* end = of(socket->record);
        const Owner* holder = end != nullptr && end->record.state == TcpState::close_wait
                                  ? snapshot_.owner(end->record)
                                  : nullptr;
        if (holder == nullptr || holder->name == kUnknownOwner || (next && *next != holder->name)) {
            return std::nullopt;
        }
        next = holder->name;
    }
    return next;
}

void OtherEnds::follow_chains() {
    // By owner its sockets in FIN-WAIT-2 with an open descriptor: it has sent its FIN and reads on.
    std::map<std::string, std::vector<const TrackedSocket*>> passed_on;
    for (const auto& [ends, socket] : by_ends_) {
        if (socket->record.state == TcpState::fin_wait2 &&
            socket->custody == tracking::Custody::process) {
            if (const Owner* owner = snapshot_.owner(socket->record);
                owner != nullptr && owner->name != kUnknownOwner) {
                passed_on[owner->name].push_back(socket);
            }
        }
    }
    std::map<std::string, std::string> next;
    for (const auto& [owner, sockets] : passed_on) {
        if (auto found = waits_for(sockets)) {
            next.emplace(owner, *std::move(found));
        }
    }
    for (const auto& [owner, first] : next) {
        std::vector<std::string> path;
        std::string at = owner;
        for (auto step = next.find(at); step != next.end() && chains_.try_emplace(at).second;
             step = next.find(at)) {
            path.push_back(at);
            at = step->second;
        }
        // `at` is stuck, or its chain is known already, or this path came back to it.
        std::optional<Stuck> end = Stuck{at, 0};
        if (const auto known = chains_.find(at); known != chains_.end()) {
            end = known->second;
        }
        for (auto each = path.rbegin(); each != path.rend() && end; ++each) {
            ++end->hops;
            chains_[*each] = end;
        }
    }
}

std::optional<OtherEnds::Stuck> OtherEnds::stuck(const TrackedSocket& socket) const {
    const TrackedSocket* end =
        socket.record.state == TcpState::close_wait ? &socket : of(socket.record);
    const Owner* owner = end != nullptr && end->record.state == TcpState::close_wait
                             ? snapshot_.owner(end->record)
                             : nullptr;
    if (owner == nullptr || owner->name == kUnknownOwner) {
        return std::nullopt;
    }
    const auto chain = chains_.find(owner->name);
    return chain == chains_.end() ? Stuck{owner->name, 0} : chain->second;
}

std::string other_end_text(const TrackedSocket& socket, const OtherEnds& ends,
                           const Snapshot& snapshot) {
    const TrackedSocket* end = ends.of(socket.record);
    const auto stuck = ends.stuck(socket);
    const std::string blocker =
        stuck && stuck->hops > 0 ? "waits for " + text::printable(stuck->owner) : std::string();
    if (end == nullptr) {
        return blocker;
    }
    const std::string owner = owner_label(snapshot.owner(end->record));
    std::string text = "its other end: ";
    if (owner != kUnknownOwner) {
        text += text::printable(owner) + ", ";
    }
    text += rfc_name(end->record.state);
    if (end->custody == tracking::Custody::timewait) {
        text += ", expires in " + text::duration_text(end->record.timer.expires);
    }
    if (blocker.empty()) {
        return text;
    }
    return socket.record.state == TcpState::close_wait ? blocker + "; " + text
                                                       : text + ", which " + blocker;
}

std::string waiting_sentence(const Snapshot& snapshot) {
    constexpr std::size_t kMost = 3;
    const OtherEnds ends(snapshot);
    std::map<std::pair<std::string, std::string>, std::size_t> waits;
    for (const TrackedSocket& socket : snapshot.sockets) {
        const std::string& owner = owner_label(snapshot.owner(socket.record));
        const auto stuck = ends.stuck(socket);
        if (stuck && owner != kUnknownOwner && owner != stuck->owner) {
            ++waits[{owner, stuck->owner}];
        }
    }
    std::vector<std::pair<std::size_t, std::string>> sentences;
    for (const auto& [who, sockets] : waits) {
        sentences.emplace_back(sockets, text::printable(who.first) + " waits for " +
                                            text::printable(who.second) + " (" +
                                            std::to_string(sockets) +
                                            (sockets == 1 ? " socket)." : " sockets)."));
    }
    std::stable_sort(sentences.begin(), sentences.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    sentences.resize(std::min(sentences.size(), kMost));
    std::string text;
    for (const auto& [sockets, sentence] : sentences) {
        text += (text.empty() ? "" : " ") + sentence;
    }
    return text;
}

}  // namespace halfclosed::exporters
