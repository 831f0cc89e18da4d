#include "exporters/snapshot/other_end.h"
#include "exporters/snapshot/half_closed.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "records/rfc_name.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

using tracking::TrackedSocket;

/// The two may be ends of one connection at one moment: one has not got the other's FIN, or both have sent theirs.
bool can_face(TcpState a, TcpState b) {
    const auto has_sent = [](TcpState state) { return state != TcpState::close_wait; };
    return has_sent(a) || has_sent(b);
}

/// IPv4 addresses as IPv6 has them: both families meet in one connection.
bool same(const Endpoint& a, const Endpoint& b) {
    return a.port == b.port && a.address.as_ipv6() == b.address.as_ipv6();
}

std::uint64_t hash_of(const Endpoint& local, const Endpoint& remote) {
    std::array<char, std::size_t{2} * (16 + 2)> bytes{};
    auto* to = bytes.begin();
    for (const Endpoint* end : {&local, &remote}) {
        const auto address = end->address.as_ipv6();
        to = std::copy(address.begin(), address.end(), to);
        *to++ = static_cast<char>(end->port >> 8);
        *to++ = static_cast<char>(end->port & 0xff);
    }
    return std::hash<std::string_view>{}({bytes.data(), bytes.size()});
}

}  // namespace

OtherEnds::OtherEnds(const Snapshot& snapshot) : snapshot_(snapshot) {
    ends_.reserve(snapshot.sockets.size() + snapshot.left_out.size());
    for (const auto* sockets : {&snapshot.sockets, &snapshot.left_out}) {
        for (const TrackedSocket& socket : *sockets) {
            ends_.push_back({hash_of(socket.record.local, socket.record.remote), &socket,
                             snapshot.owner(socket.record)});
        }
    }
    std::sort(ends_.begin(), ends_.end(),
              [](const End& a, const End& b) { return a.hash < b.hash; });
    follow_chains();
}

const TrackedSocket* OtherEnds::of(const SocketRecord& socket) const {
    const End* const end = end_of(socket);
    return end != nullptr ? end->socket : nullptr;
}

const OtherEnds::End* OtherEnds::end_of(const SocketRecord& socket) const {
    const End* const found = find(socket, {socket.remote, socket.local});
    if (found != nullptr || snapshot_.translations.empty()) {
        return found;
    }
    const auto translated = snapshot_.translations.find(socket.cookie);
    return translated == snapshot_.translations.end() ? nullptr : find(socket, translated->second);
}

/// The end that has these addresses.
const OtherEnds::End* OtherEnds::find(const SocketRecord& socket,
                                      const ConnectionEnds& other) const {
    const bool here = other.local.address.is_loopback() || other.remote.address.is_loopback() ||
                      other.remote.address.is_link_local();
    const std::uint64_t hash = hash_of(other.local, other.remote);
    const End* near = nullptr;
    const End* far = nullptr;
    unsigned elsewhere = 0;
    for (auto each = std::lower_bound(
             ends_.begin(), ends_.end(), hash,
             [](const End&end, std::uint64_t wanted) { return end.hash < wanted; });
         each != ends_.end() && each->hash == hash; ++each) {
        const SocketRecord& record = each->socket->record;
        if (!same(record.local, other.local) || !same(record.remote, other.remote) ||
            record.cookie == socket.cookie || !can_face(record.state, socket.state)) {
            continue;
        }
        if (record.netns == socket.netns) {
            near = &*each;
        } else if (!here) {
            far = &*each;
            ++elsewhere;
        }
    }
    return near != nullptr ? near : elsewhere == 1 ? far : nullptr;
}

/// The one owner that keeps all these connections waiting.
std::optional<std::string> OtherEnds::waits_for(const std::vector<const End*>& passed_on) const {
    const std::string* next = nullptr;
    for (const End* each : passed_on) {
        const End* const end = end_of(each->socket->record);
        const Owner* const holder =
            end != nullptr && end->socket->record.state == TcpState::close_wait ? end->owner
                                                                                : nullptr;
        if (holder == nullptr || holder->name == kUnknownOwner ||
            (next != nullptr && *next != holder->name)) {
            return std::nullopt;
        }
        next = &holder->name;
    }
    return next != nullptr ? std::optional(*next) : std::nullopt;
}

void OtherEnds::follow_chains() {
    // By owner its sockets in FIN-WAIT-2 with an open descriptor: it has sent its FIN and reads on.
    std::map<std::string, std::vector<const End*>> passed_on;
    for (const End& end : ends_) {
        if (end.socket->record.state == TcpState::fin_wait2 &&
            end.socket->custody == tracking::Custody::process && end.owner != nullptr &&
            end.owner->name != kUnknownOwner) {
            passed_on[end.owner->name].push_back(&end);
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
    if (socket.record.state == TcpState::close_wait) {
        return stuck({0, &socket, snapshot_.owner(socket.record)});
    }
    const End* const end = end_of(socket.record);
    return end != nullptr ? stuck(*end) : std::nullopt;
}

/// By the end that has not closed.
std::optional<OtherEnds::Stuck> OtherEnds::stuck(const End& end) const {
    if (end.socket->record.state != TcpState::close_wait || end.owner == nullptr ||
        end.owner->name == kUnknownOwner) {
        return std::nullopt;
    }
    const auto chain = chains_.find(end.owner->name);
    return chain == chains_.end() ? Stuck{end.owner->name, 0} : chain->second;
}

std::string other_end_text(const TrackedSocket& socket, const OtherEnds& ends,
                           const Snapshot& snapshot) {
    const TrackedSocket* end = ends.of(socket.record);
    const auto stuck = ends.stuck(socket);
    std::string blocker =
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
    if (const auto left = expires(*end)) {
        text += ", expires in " + text::duration_text(*left);
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
    // The sockets that a filter left out wait for nobody that was asked about.
    const auto asked_for = [&snapshot](const TrackedSocket* socket) {
        const std::less<> before;
        const TrackedSocket* const first = snapshot.sockets.data();
        return !before(socket, first) && before(socket, first + snapshot.sockets.size());
    };
    std::map<std::pair<std::string, std::string>, std::size_t> waits;
    for (const OtherEnds::End& each : ends.ends_) {
        if (!asked_for(each.socket) || each.owner == nullptr || each.owner->name == kUnknownOwner) {
            continue;
        }
        const OtherEnds::End* const end = each.socket->record.state == TcpState::close_wait
                                              ? &each
                                              : ends.end_of(each.socket->record);
        const auto stuck = end != nullptr ? ends.stuck(*end) : std::nullopt;
        if (stuck && each.owner->name != stuck->owner) {
            ++waits[{each.owner->name, stuck->owner}];
        }
    }
    std::vector<std::pair<std::size_t, std::string>> sentences;
    sentences.reserve(waits.size());
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
