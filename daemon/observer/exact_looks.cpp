#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "netlink/socket_namespace.h"
#include "observer/now.h"
#include "observer/observer.h"
#include "posix/clock.h"
#include "posix/error.h"
#include "text/log.h"

namespace halfclosed {

// What the observer does with the kernel's own counts. If they cannot be read any more polls count on alone.

void Observer::count_exactly(exact::Source source) {
    exact_.emplace(std::move(source));
    working_.exact = true;
    working_.counters.count_exactly(true);
    watch_exactly();
    if (!exact_) {
        throw posix::Error("the kernel's own counts", "the ports cannot be told to the kernel");
    }
}

/// The ports that are asked for, of our own namespace; others are begun when they are looked at.
void Observer::watch_exactly() {
    const NamespaceId own = netlink::own_namespace();
    with_exact([this](ExactCounting& exact) { exact.watch(own_.tracker().watch().ports()); });
    try {
        begin_exact(&session(), own, own_.tracker());
    } catch (const netlink::Error&) {
        begin_exact(nullptr, own, own_.tracker());
    }
    if (!settings_.all_namespaces) {
        with_exact([own](ExactCounting& exact) { exact.end_all_but(own); });
    }
}

/// Before the first steps are counted, who listens: that decides the side. Without a session a later look tells.
void Observer::begin_exact(netlink::Session* session, NamespaceId space,
                           tracking::Tracker& tracker) {
    if (!exact_ || exact_->counts(space)) {
        return;
    }
    std::vector<SocketRecord> listeners;
    try {
        if (session != nullptr) {
            session->dump_with_mptcp(
                {{TcpState::listen}, {}},
                [&listeners](const SocketRecord& record) { listeners.push_back(record); });
        }
    } catch (const netlink::Error&) {
        // The look that follows says so, and tries again.
    }
    with_exact([&](ExactCounting& exact) {
        if (exact.begin(space, listeners)) {
            return;
        }
        tracker.annotate({});
        if (!told_no_room_) {
            told_no_room_ = true;
            log::warn(
                "the kernel's own counts have no room for so many network namespaces: in "
                "the others polls count");
        }
    });
}

/// Once, and never again after a failure: an edge would be counted twice, or by nobody.
void Observer::with_exact(const std::function<void(ExactCounting&)>& use) {
    if (!exact_) {
        return;
    }
    try {
        use(*exact_);
    } catch (const posix::Error& error) {
        stop_exact(error.what());
    }
}

void Observer::stop_exact(const std::string& why) {
    exact_.reset();
    own_.tracker().annotate({});
    for (auto& [inode, space] : others_.spaces()) {
        space.watch.tracker().annotate({});
    }
    working_.exact = false;
    working_.counters.count_exactly(false);
    log::error("the kernel's own counts have ended, polls count on: {}", why);
}

bool Observer::counts_exactly(NamespaceId space) const {
    return exact_ && exact_->counts(space);
}

/// Who tells what a look brought: where the kernel itself counts, polls count nothing of TCP.
const TellChanges& Observer::teller(NamespaceId space) const {
    return !exact_ || counts_exactly(space) ? tell_ : tell_of_polls_;
}

/// Where every socket is to have its detail each is asked for.
ExactSockets::Storm Observer::storm() const {
    if (settings_.max_sockets == std::numeric_limits<std::size_t>::max()) {
        return {};
    }
    return {std::min<Duration>(ExactSockets::kYoung, settings_.leak_after),
            tracking::Tracker::kMostInDetailPerLook, turn_};
}

/// Before the looks: what came until now, and which sockets they will find.
void Observer::read_exact() {
    with_exact([&](ExactCounting& exact) {
        working_.counters.add(exact.advance(now(), storm()), own_.tracker().watch());
    });
}

/// The tools of a look that annotates, and asks for what is known instead of walking the whole table.
LookTools Observer::exact_tools(netlink::Session& session, NamespaceId space,
                                tracking::Tracker& tracker) {
    LookTools tools = this->tools(session, space);
    with_exact([&](ExactCounting& exact) { exact.expect_look(space); });
    if (counts_exactly(space)) {
        if (auto annotations = exact_->sockets().take_annotations(space)) {
            tracker.annotate(std::move(*annotations));
        }
        tools.dump_closing = [this, &session, space, &tracker](const netlink::Query& query) {
            dump_closing(session, space, tracker, query);
        };
    }
    return tools;
}

/// Whether the next look can ask for what is known: then it costs nothing that there are others.
bool Observer::asks_for_known(NamespaceId space) const {
    return counts_exactly(space) && !settings_.see_established && exact_->may_ask_for_known(space);
}

/// Whether a poll need not enter this namespace: nothing is half-closed there, and nothing was.
bool Observer::passes_over(const Space& space) const {
    if (!space.readable() || !counts_exactly(space.id) || settings_.see_established ||
        !exact_->knows_all(space.id)) {
        return false;
    }
    const auto& counted = space.watch.counted();
    return exact_->sockets().half_closed(space.id) == 0 &&
           !space.watch.tracker().awaits_look(now()) && counted && !counted->has_mptcp;
}

/// Whether there may be sockets whose time is that of the sysctls there.
bool Observer::may_have_minisocks(NamespaceId space) const {
    if (!asks_for_known(space)) {
        return true;
    }
    const auto known = exact_->sockets().known(space);
    return std::any_of(known.begin(), known.end(),
                       [](const ExactSockets::Known& socket) { return socket.minisock; });
}

/// The half-closed sockets, into dump_: by a walk of the whole table, or by asking for those that are known.
void Observer::dump_closing(netlink::Session& session, NamespaceId space,
                            tracking::Tracker& tracker, const netlink::Query& query) {
    const auto keep = [this](const SocketRecord& record) { dump_.push_back(record); };
    const std::chrono::nanoseconds start = posix::thread_cpu_time();
    if (!asks_for_known(space)) {
        session.dump_with_mptcp(query, keep);
        const std::chrono::nanoseconds cpu = posix::thread_cpu_time() - start;
        with_exact([&](ExactCounting& exact) {
            exact.note_walk(cpu);
            exact.note_walked(space, dump_, tracker.watch());
        });
    } else {
        const ExactSockets::Look look = exact_->look(space, now());
        session.get_with_mptcp(query, look.ask, look.told, keep);
        const std::chrono::nanoseconds cpu = posix::thread_cpu_time() - start;
        with_exact([&](ExactCounting& exact) {
            exact.note_gets(look.ask.size(), cpu);
            exact.settle(space, dump_, now());
        });
    }
    with_exact([&](ExactCounting& exact) { exact.learn_listeners(space, dump_); });
}

/// Of TCP sockets the table has each whose descriptor is open: one that it has not is closed.
std::vector<tracking::DescriptorAnswer> Observer::ask_exact(
    const std::vector<tracking::DescriptorQuestion>& questions,
    std::vector<tracking::DescriptorQuestion>& others) {
    std::vector<const SocketRecord*> sockets;
    sockets.reserve(questions.size());
    for (const tracking::DescriptorQuestion& question : questions) {
        sockets.push_back(&question.socket->record);
    }
    std::unordered_map<Cookie, bool> held;
    with_exact([&](ExactCounting& exact) { held = exact.held_after_close(sockets); });
    std::vector<tracking::DescriptorAnswer> answers;
    for (const tracking::DescriptorQuestion& question : questions) {
        if (const auto answer = held.find(question.socket->record.cookie); answer != held.end()) {
            answers.push_back({answer->first, answer->second ? tracking::DescriptorState::open
                                                             : tracking::DescriptorState::closed});
        } else {
            others.push_back(question);
        }
    }
    return answers;
}

/// After a census's dump of a namespace: whether all half-closed sockets are known.
void Observer::prove_exact(netlink::Session& session, NamespaceId space, NamespaceWatch& watch) {
    if (!counts_exactly(space)) {
        return;
    }
    const tracking::WatchedPorts& ports = watch.tracker().watch();
    with_exact([&](ExactCounting& exact) {
        std::vector<SocketRecord> still;
        for (const SocketIdentity& socket : exact.unknown(space, watch.census(), ports)) {
            if (const auto found = session.get(socket)) {
                still.push_back(found->record);
            }
        }
        if (!still.empty()) {
            exact.missed(space, still, ports);
        }
        working_.exact_misses = exact.misses();
    });
}

}  // namespace halfclosed
