#include <algorithm>

#include "machine.h"

namespace year {

// What kinds of connections there are, how often, and who holds them.

namespace {

/// Out of many births: so many of each kind an hour, the rest are ordinary ones. 1,440 an hour are born.
constexpr double kBirths = 1'440;

/// What is a leak, or might become one, is left open at least so long.
constexpr Time kForgotten = 5 * kSecond;

}  // namespace

std::uint32_t Machine::new_inode() {
    const auto taken = [this](std::uint32_t inode) {
        return inode < 1'000 || std::any_of(connections_.begin(), connections_.end(),
                                            [inode](const Connection& each) {
                                                return each.used() && each.inode == inode;
                                            });
    };
    do {
        ++next_inode_;
    } while (taken(next_inode_));
    return next_inode_;
}

void Machine::take_descriptor(Connection& connection) {
    connection.process = static_cast<std::int32_t>(random_.below(kServices));
    connection.descriptor =
        processes_[static_cast<std::size_t>(connection.process)].next_descriptor++;
    connection.inode = new_inode();
}

Connection& Machine::new_connection(bool server) {
    ++born_;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(connections_.size()));
        connections_.emplace_back();
    }
    Connection& connection = connections_[free_.back()];
    free_.pop_back();
    const std::uint32_t generation = connection.generation;
    connection = {};
    connection.generation = generation;
    next_cookie_ += 1 + random_.below(3);
    connection.cookie = next_cookie_;
    next_port_ = next_port_ >= 60'999 ? 32'768 : static_cast<std::uint16_t>(next_port_ + 1);
    connection.local_port = server ? kServerPort : next_port_;
    connection.remote_port = server ? next_port_ : kClientPort;
    connection.remote = 0x0a000000U | static_cast<std::uint32_t>(random_.below(1U << 24U));
    connection.ipv6 = server && random_.chance(0.3);
    connection.since = now_;
    ++(server ? counters_.passive_opens : counters_.active_opens);
    counters_.in_segs += 2;
    counters_.out_segs += 1;
    return connection;
}

/// This end closes first.
void Machine::live_actively(Connection& connection) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(20 * kSecond), Action::closes};
    const bool silent = random_.chance(0.02);
    steps[1] = {silent ? random_.between(30 * kSecond, 200 * kSecond)
                       : random_.between(kMillisecond, 40 * kMillisecond),
                Action::fin_acked};
    const double fate = random_.unit();
    if (fate < 0.85) {
        steps[2] = {random_.about(300 * kMillisecond), Action::peer_closes};
    } else if (fate < 0.92) {
        steps[2] = {random_.between(5 * kSecond, 58 * kSecond), Action::peer_closes};
    } else if (fate < 0.96) {
        steps[2] = {random_.between(kSecond, 58 * kSecond), Action::peer_resets};
    }  // else its timer ends it
}

/// The peer closes first, and this end soon after.
void Machine::live_passively(Connection& connection) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(10 * kSecond), Action::peer_closes};
    steps[1] = {random_.about(2 * kMillisecond), Action::reads_end};
    steps[2] = {random_.chance(0.1) ? random_.between(kSecond, 30 * kSecond)
                                    : random_.about(50 * kMillisecond),
                Action::closes};
    const bool silent = random_.chance(0.03);
    steps[3] = {
        silent ? random_.between(20 * kSecond, 108 * kSecond) : random_.about(20 * kMillisecond),
        silent && random_.chance(0.5) ? Action::peer_gives_up : Action::fin_acked};
}

/// How a CLOSE-WAIT ends that was held for long, from `step` on.
void Machine::end_leak(Connection& connection, std::size_t step, Time held) {
    auto& steps = connection.steps;
    const double fate = random_.unit();
    if (fate < 0.5) {
        steps[step] = {held, Action::closes};
        steps[step + 1] = {random_.about(20 * kMillisecond), Action::fin_acked};
    } else if (fate < 0.8) {
        steps[step] = {held, Action::peer_resets};
        steps[step + 1] = {random_.spread(100 * kSecond, 2 * kDay), Action::closes};
    } else {
        steps[step] = {held, Action::resets_quickly};
    }
}

void Machine::leak(Connection& connection, Time least, Time most) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(10 * kSecond), Action::peer_closes};
    std::size_t next = 1;
    if (random_.chance(0.8)) {
        steps[next++] = {random_.about(kSecond), Action::reads_end};
    }
    end_leak(connection, next, random_.spread(least, most));
}

/// A half-close on our part: FIN-WAIT-2 with its descriptor.
void Machine::shut_down(Connection& connection) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(10 * kSecond), Action::shuts_down};
    steps[1] = {random_.between(kMillisecond, 40 * kMillisecond), Action::fin_acked};
    const double fate = random_.unit();
    const Time held = random_.spread(30 * kSecond, 6 * kHour);
    if (fate < 0.5) {
        steps[2] = {held, Action::peer_closes};
    } else if (fate < 0.75) {
        steps[2] = {held, Action::resets_quickly};
    } else {
        steps[2] = {held, Action::closes};
        if (random_.chance(0.5)) {
            steps[3] = {random_.between(kSecond, 58 * kSecond), Action::peer_closes};
        }
    }
}

/// Both close at once: CLOSING.
void Machine::close_at_once(Connection& connection) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(10 * kSecond), Action::closes};
    steps[1] = {random_.spread(kMillisecond, 100 * kSecond), Action::peer_closes};
    steps[2] = {random_.spread(kMillisecond, 100 * kSecond),
                random_.chance(0.3) ? Action::peer_gives_up : Action::fin_acked};
}

/// The peer is done before anybody has called accept().
void Machine::wait_for_accept(Connection& connection) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(kSecond), Action::peer_closes};
    const double fate = random_.unit();
    if (fate < 0.2) {
        steps[1] = {random_.spread(kSecond, 10 * kMinute), Action::peer_resets};
        return;
    }
    steps[1] = {random_.spread(100 * kMillisecond, 10 * kMinute), Action::accept};
    steps[2] = {random_.about(kMillisecond), Action::reads_end};
    if (fate < 0.6) {
        steps[3] = {random_.about(50 * kMillisecond), Action::closes};
        steps[4] = {random_.about(20 * kMillisecond), Action::fin_acked};
    } else {
        end_leak(connection, 3, random_.spread(kForgotten, kHour));
    }
}

/// It answers for long after the peer's FIN.
void Machine::send_on(Connection& connection) {
    connection.sends = true;
    auto& steps = connection.steps;
    steps[0] = {random_.about(kSecond), Action::peer_closes};
    steps[1] = {random_.about(kMillisecond), Action::reads_end};
    steps[2] = {random_.spread(kForgotten, 3 * kHour), Action::closes};
    steps[3] = {random_.about(20 * kMillisecond), Action::fin_acked};
}

/// Closed with data that the peer does not take: FIN-WAIT-1 until the probes are over.
void Machine::stall(Connection& connection) {
    auto& steps = connection.steps;
    steps[0] = {random_.about(10 * kSecond), Action::closes};
    steps[1] = {339 * kSecond, Action::peer_gives_up};
}

void Machine::give_birth() {
    double kind = random_.unit() * kBirths;
    const auto is = [&kind](double an_hour) {
        const bool result = kind >= 0 && kind < an_hour;
        kind -= an_hour;
        return result;
    };
    const bool server = random_.chance(0.6);
    if (is(4)) {
        Connection& connection = new_connection(true);
        wait_for_accept(connection);
        schedule(connection);
        return;
    }
    Connection& connection = new_connection(server);
    take_descriptor(connection);
    if (is(0.3)) {
        leak(connection, kHour, 120 * kDay);
    } else if (is(6)) {
        leak(connection, kForgotten, 2 * kHour);
    } else if (is(2)) {
        shut_down(connection);
    } else if (is(2)) {
        close_at_once(connection);
    } else if (is(2)) {
        send_on(connection);
    } else if (is(1)) {
        stall(connection);
    } else if (is(3)) {
        connection.steps[0] = {random_.about(kMinute), Action::resets_quickly};
    } else if (is(2)) {
        connection.local_port = kUnwatchedPort;
        connection.remote_port = next_port_;
        leak(connection, kForgotten, 2 * kHour);
    } else if (random_.chance(0.5)) {
        live_actively(connection);
    } else {
        live_passively(connection);
    }
    schedule(connection);
}

void Machine::start_process(std::uint32_t service) {
    next_pid_ = next_pid_ >= 4'194'303
                    ? 300
                    : next_pid_ + static_cast<std::int32_t>(random_.between(1, 50));
    processes_[service] = {next_pid_, service, now_ + suspended_, 3, false};
}

/// Its descriptors are closed by the kernel, and what it has not read is answered by a RST.
void Machine::restart_service(std::uint32_t service) {
    for (Connection& connection : connections_) {
        if (!connection.used() || connection.process != static_cast<std::int32_t>(service)) {
            continue;
        }
        connection.next_step = 0;
        connection.steps = {};
        connection.steps[0] = {random_.about(20 * kMillisecond), Action::fin_acked};
        if (connection.state == State::established) {
            connection.steps[1] = {random_.about(300 * kMillisecond), Action::peer_closes};
        }
        if (connection.state == State::close_wait && connection.receive_queue > 0) {
            connection.receive_queue = 2;
        }
        if (connection.state == State::fin_wait1) {
            // Closed while its FIN is under way.
            close_descriptor(connection);
            schedule(connection);
            continue;
        }
        if (connection.state == State::closing) {
            close_descriptor(connection);
            schedule(connection);
            continue;
        }
        act(connection, Action::closes);
    }
    ended_.push_back(processes_[service].pid);
    start_process(service);
}

}  // namespace year
