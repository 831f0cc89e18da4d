#include "machine.h"

#include <algorithm>

namespace year {

// What happens to a connection once it is there. net/ipv4/tcp.c and tcp_input.c say what the kernel does at each.

Machine::Machine(std::uint64_t seed, Time start) : random_(seed), now_(start) {
    connections_.reserve(4'096);
    for (std::uint32_t service = 0; service < kServices; ++service) {
        processes_.emplace_back();
        start_process(service);
    }
    next_birth_ = start;
    next_restart_ = start + random_.about(kDay);
}

void Machine::advance(Time to, Time suspended) {
    suspended_ = suspended;
    while (true) {
        const Time event = events_.empty() ? kNever : events_.front().at;
        const Time next = std::min({event, next_birth_, next_restart_});
        if (next > to) {
            break;
        }
        now_ = std::max(now_, next);
        if (next == event) {
            std::pop_heap(events_.begin(), events_.end());
            const Event due = events_.back();
            events_.pop_back();
            Connection& connection = connections_[due.slot];
            if (connection.used() && connection.generation == due.generation) {
                happen(connection);
            }
        } else if (next == next_birth_) {
            give_birth();
            next_birth_ = now_ + random_.about(2'500 * kMillisecond);
        } else {
            restart_service(static_cast<std::uint32_t>(random_.below(kServices)));
            next_restart_ = now_ + random_.about(12 * kHour);
        }
    }
    now_ = to;
}

/// The next step of its life, or the end of its timer, whichever was scheduled.
void Machine::happen(Connection& connection) {
    if (connection.minisock && connection.deadline <= now_) {
        act(connection, Action::timer_ends);
        return;
    }
    const Action action = connection.steps[connection.next_step++].action;
    act(connection, action);
}

void Machine::schedule(Connection& connection) {
    if (connection.next_step < Connection::kMostSteps &&
        connection.steps[connection.next_step].action != Action::none) {
        schedule_at(connection, now_ + connection.steps[connection.next_step].after);
    } else if (connection.minisock) {
        schedule_at(connection, connection.deadline);
    }
}

void Machine::schedule_at(Connection& connection, Time at) {
    if (connection.minisock) {
        at = std::min(at, connection.deadline);
    }
    ++connection.generation;
    events_.push_back(
        {at, static_cast<std::uint32_t>(&connection - connections_.data()), connection.generation});
    std::push_heap(events_.begin(), events_.end());
}

void Machine::enter(Connection& connection, State state) {
    connection.state = state;
    connection.since = now_;
    connection.timer = 0;
}

/// The full socket is gone, and with it whose it was.
void Machine::become_minisock(Connection& connection, State state) {
    enter(connection, state);
    connection.minisock = true;
    connection.timer = 3;
    connection.deadline = now_ + kMinisockLife;
    connection.receive_queue = 0;
    ++counters_.tw;
}

void Machine::close_descriptor(Connection& connection) {
    if (connection.process >= 0 && connection.linked) {
        closed_.emplace_back(processes_[static_cast<std::size_t>(connection.process)].pid,
                             connection.descriptor);
    }
    connection.linked = false;
    connection.process = connection.descriptor = -1;
    connection.inode = 0;
}

/// By the peer, or by a close() with unread data.
void Machine::reset(Connection& connection) {
    if (connection.state == State::established || connection.state == State::close_wait) {
        ++counters_.estab_resets;
    }
    if (connection.process < 0) {
        remove(connection);
        return;
    }
    enter(connection, State::close);  // in no table, and its descriptor is open
    connection.minisock = false;
}

void Machine::remove(Connection& connection) {
    close_descriptor(connection);
    const std::uint32_t generation = connection.generation + 1;
    connection = {};
    connection.generation = generation;
    free_.push_back(static_cast<std::uint32_t>(&connection - connections_.data()));
}

void Machine::act(Connection& connection, Action action) {
    counters_.in_segs += 2;
    counters_.out_segs += 2;
    const State state = connection.state;
    switch (action) {
        case Action::accept:
            take_descriptor(connection);
            break;
        case Action::peer_closes:
            if (state == State::established) {
                enter(connection, State::close_wait);
                connection.receive_queue = 1;
                connection.last_data = now_ - random_.between(0, 20 * kSecond);
                connection.last_sent = now_ - random_.between(2 * kSecond, 30 * kSecond);
            } else if (state == State::fin_wait1) {
                enter(connection, State::closing);
                connection.timer = 1;
            } else if (state == State::fin_wait2) {
                const bool held = connection.process >= 0;
                if (connection.minisock) {
                    connection.deadline = now_ + kMinisockLife;
                    enter(connection, State::time_wait);
                    connection.timer = 3;
                } else {
                    become_minisock(connection, State::time_wait);
                }
                if (held) {
                    close_descriptor(connection);  // the application sees the end, and closes
                }
            }
            break;
        case Action::reads_end:
            connection.receive_queue = 0;
            break;
        case Action::closes:
            if (state == State::close) {
                remove(connection);
                return;
            }
            if (state == State::close_wait && connection.receive_queue > 1) {
                ++counters_.abort_on_close;
                ++counters_.out_rsts;
                close_descriptor(connection);
                reset(connection);
                return;
            }
            close_descriptor(connection);
            if (state == State::established) {
                enter(connection, State::fin_wait1);
                connection.timer = 1;
            } else if (state == State::close_wait) {
                enter(connection, State::last_ack);
                connection.timer = 1;
            } else if (state == State::fin_wait2 && !connection.minisock) {
                become_minisock(connection, State::fin_wait2);
            }
            break;
        case Action::shuts_down:
            connection.shut = true;
            enter(connection, State::fin_wait1);
            connection.timer = 1;
            break;
        case Action::fin_acked:
            if (state == State::last_ack) {
                remove(connection);
                return;
            }
            if (state == State::closing) {
                become_minisock(connection, State::time_wait);
                close_descriptor(connection);
            } else if (state == State::fin_wait1 && connection.process >= 0) {
                enter(connection, State::fin_wait2);
            } else if (state == State::fin_wait1) {
                become_minisock(connection, State::fin_wait2);
            }
            break;
        case Action::resets_quickly:
            reset(connection);
            close_descriptor(connection);
            remove(connection);
            return;
        case Action::peer_resets:
            reset(connection);
            if (!connection.used()) {
                return;
            }
            break;
        case Action::peer_gives_up:
            ++counters_.abort_on_timeout;
            remove(connection);
            return;
        case Action::timer_ends:
            remove(connection);
            return;
        case Action::none:
            return;
    }
    schedule(connection);
}

TableCounts Machine::count() const {
    TableCounts counts;
    counts.inuse = 2;  // the listeners of IPv4
    counts.inuse6 = 1;
    for (const Connection& each : connections_) {
        if (!each.used()) {
            continue;
        }
        if (each.state == State::close) {
            ++counts.dead;
        } else if (each.minisock) {
            ++counts.tw;
        } else {
            ++(each.ipv6 ? counts.inuse6 : counts.inuse);
            counts.orphan += each.inode == 0 && each.state != State::established &&
                                     each.state != State::close_wait
                                 ? 1
                                 : 0;
            counts.established +=
                each.state == State::established || each.state == State::close_wait ? 1 : 0;
        }
    }
    return counts;
}

}  // namespace year
