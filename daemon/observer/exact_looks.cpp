#include <spdlog/spdlog.h>

#include <algorithm>

#include "observer/observer.h"
#include "posix/clock.h"
#include "posix/error.h"

namespace halfclosed {

// What the observer does with the kernel's own counts. If they cannot be read any more polls count on alone.

void Observer::count_exactly(exact::Source source) {
    if (settings_.all_namespaces) {
        throw posix::Error("the kernel's own counts",
                           "they are of one network namespace, and all are watched");
    }
    exact_.emplace(std::move(source), exact::own_namespace());
    watch_exactly();
    if (!exact_) {
        throw posix::Error("the kernel's own counts", "the ports cannot be told to the kernel");
    }
    working_.exact = true;
    working_.counters.count_exactly(true);
}

/// Before the first steps are counted, who listens: that decides the side.
void Observer::watch_exactly() {
    if (settings_.all_namespaces && exact_) {
        stop_exact("they are of one network namespace");
    }
    with_exact([this](ExactCounting& exact) {
        std::vector<SocketRecord> listeners;
        try {
            session().dump_with_mptcp(
                {{TcpState::listen}, own_.tracker().watch().ports()},
                [&](const SocketRecord& record) { listeners.push_back(record); });
        } catch (const netlink::Error&) {
            // The look that follows says so, and tries again.
        }
        exact.learn_listeners(listeners);
        exact.watch(own_.tracker().watch().ports());
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
    working_.exact = false;
    working_.counters.count_exactly(false);
    spdlog::error("the kernel's own counts have ended, polls count on: {}", why);
}

/// Before a look: what came until now, and which sockets the look will find.
std::vector<ExactSocket> Observer::read_exact() {
    std::vector<ExactSocket> sockets;
    with_exact([&](ExactCounting& exact) {
        working_.counters.add(exact.advance(), own_.tracker().watch());
        sockets = exact.sockets();
        own_.tracker().annotate(sockets);
    });
    return sockets;
}

/// The half-closed sockets, into dump_: by a walk of the whole table, or by asking for those that are known.
void Observer::dump_closing(const netlink::Query& query, std::vector<ExactSocket> known) {
    std::erase_if(known, [](const ExactSocket& socket) { return socket.state == TcpState::close; });
    const auto keep = [this](const SocketRecord& record) { dump_.push_back(record); };
    const std::chrono::nanoseconds start = posix::thread_cpu_time();
    if (!exact_ || settings_.see_established || !exact_->may_ask_for_known(known.size())) {
        session().dump_with_mptcp(query, keep);
        if (exact_) {
            exact_->note_walk(posix::thread_cpu_time() - start);
        }
    } else {
        std::vector<SocketIdentity> identities;
        identities.reserve(known.size());
        for (const ExactSocket& socket : known) {
            identities.push_back(socket.identity);
        }
        session().get_with_mptcp(query, identities, keep);
        exact_->note_gets(known.size(), posix::thread_cpu_time() - start);
        with_exact([&](ExactCounting& exact) { exact.settle(known, dump_); });
    }
    with_exact([this](ExactCounting& exact) { exact.learn_listeners(dump_); });
}

/// Of TCP sockets the table has each whose descriptor is open: one that it has not is closed.
std::vector<tracking::DescriptorAnswer> Observer::ask_exact(
    const std::vector<tracking::DescriptorQuestion>& questions,
    std::vector<tracking::DescriptorQuestion>& others) {
    std::optional<std::unordered_set<Cookie>> held;
    with_exact([&](ExactCounting& exact) { held = exact.held_after_close(); });
    std::vector<tracking::DescriptorAnswer> answers;
    for (const tracking::DescriptorQuestion& question : questions) {
        const SocketRecord& record = question.socket.record;
        if (!held || record.protocol != Protocol::tcp) {
            others.push_back(question);
            continue;
        }
        answers.push_back({record.cookie, held->contains(record.cookie)
                                              ? tracking::DescriptorState::open
                                              : tracking::DescriptorState::closed});
    }
    return answers;
}

/// After a census's dump: whether the steps and the sockets agree, and whether all half-closed ones are known.
void Observer::prove_exact(const std::vector<SocketRecord>& followed) {
    with_exact([&](ExactCounting& exact) {
        conservation_ = exact.end_census(followed, own_.tracker().watch());
        std::vector<SocketRecord> still;
        for (const SocketIdentity& socket : exact.unknown(followed, own_.tracker().watch())) {
            if (const auto found = session().get(socket)) {
                still.push_back(found->record);
            }
        }
        if (!still.empty()) {
            exact.missed(still, own_.tracker().watch());
        }
        working_.exact_misses = exact.misses();
    });
}

}  // namespace halfclosed
