#include "http/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "http/peer.h"
#include "posix/signals_blocked.h"

namespace halfclosed::http {

namespace {

constexpr int kLookMilliseconds = 1000;     ///< between two looks for who is overdue
constexpr int kDrainingMilliseconds = 200;  ///< the same while answers are being drained
constexpr int kRestMilliseconds = 20;       ///< without accept() while there is no room

using Clock = ConnectionPolicy::Clock;

ConnectionPolicy::Queues queues_of(int descriptor) {
    int bytes = 0;
    return {ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0,
            DrainingSockets::unsent(descriptor)};
}

/// What a peer that does not read can pin in the kernel: twice this (socket(7)), and what one send() may exceed it by.
void bound_send_buffer(int descriptor) {
    constexpr int kBytes = 16 * 1024;
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kBytes, sizeof kBytes);
}

/// Wakes the thread that waits for the socket, which then closes it. A rude peer's socket ends with a reset,
/// which leaves nothing behind: without it each would stay in FIN-WAIT-2 for a minute.
void end(const ConnectionPolicy::Cut& cut) {
    if (cut.rude) {
        reset_at_close(cut.descriptor);
    }
    shutdown(cut.descriptor, SHUT_RDWR);
}

/// Connections take what descriptors the process may have, less those that polling, reloading and the state file need:
/// many connections must not blind the daemon.
ConnectionPolicy::Limits within_descriptors(ConnectionPolicy::Limits limits) {
    constexpr rlim_t kKept = 32;
    constexpr rlim_t kFewest = 4;
    rlimit descriptors{};
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur != RLIM_INFINITY) {
        const rlim_t left = descriptors.rlim_cur > kKept ? descriptors.rlim_cur - kKept : 0;
        const std::size_t half = std::max(left / 2, kFewest);
        limits.connections = std::min(limits.connections, half);
        limits.margin = std::min(limits.margin, half);
    }
    return limits;
}

}  // namespace

Acceptor::Acceptor(std::vector<int> listeners, const ConnectionPolicy::Limits& limits)
    : listeners_(std::move(listeners)),
      wake_up_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      policy_(within_descriptors(limits)) {
    if (wake_up_ < 0) {
        throw std::runtime_error(std::string("eventfd: ") + std::strerror(errno));
    }
}

Acceptor::~Acceptor() {
    shut();
    close(wake_up_);
}

void Acceptor::open(HandOver hand_over) {
    const posix::SignalsBlocked blocked;
    thread_ = std::thread([this, hand_over = std::move(hand_over)] { run(hand_over); });
}

void Acceptor::shut() {
    if (thread_.joinable()) {
        eventfd_write(wake_up_, 1);
        thread_.join();
    }
}

void Acceptor::run(const HandOver& hand_over) {
    std::vector<pollfd> waiting{{wake_up_, POLLIN, 0}};
    for (const int listener : listeners_) {
        waiting.push_back({listener, POLLIN, 0});
    }
    bool room = true;
    while (true) {
        // Without connections it wakes up for new ones alone; without room the kernel's queue keeps them.
        const nfds_t count = room ? waiting.size() : 1;
        const int timeout = room ? time_to_next_look() : kRestMilliseconds;
        const int ready = poll(waiting.data(), count, timeout);
        if ((waiting[0].revents & POLLIN) != 0) {
            return;
        }
        room = true;
        for (std::size_t i = 1; i < count && ready > 0; ++i) {
            if (waiting[i].revents != 0 && !accept_all(waiting[i].fd, hand_over)) {
                room = false;
            }
        }
        look_at_streams();
        cut_overdue();
        // Also while there is no room: what came in one rush may not have been in the server's hands then.
        cut_surplus();
    }
}

bool Acceptor::accept_all(int listener, const HandOver& hand_over) {
    // Bounded, so that a flood does not keep this thread from looking for who is overdue.
    constexpr int kAtOnce = 64;
    for (int i = 0; i < kAtOnce; ++i) {
        if (full()) {
            return false;
        }
        sockaddr_storage storage{};
        auto* const address = reinterpret_cast<sockaddr*>(&storage);
        socklen_t length = sizeof storage;
        const int connection = accept4(listener, address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0) {
            if (errno == EAGAIN) {
                return true;
            }
            if (errno == ECONNABORTED || errno == EINTR) {
                continue;
            }
            make_room_after(errno);
            return false;
        }
        bound_send_buffer(connection);
        const Peer peer = peer_of(connection, address);
        {
            const std::lock_guard lock(mutex_);
            policy_.accepted(connection, peer.key, peer.process && peer.process->uid == 0,
                             Clock::now());
        }
        if (!hand_over(connection, address, length)) {
            const std::lock_guard lock(mutex_);
            policy_.closed(connection);  // the descriptor is closed already
        }
    }
    return true;
}

ConnectionPolicy::Look Acceptor::queues() const {
    return [this](int descriptor) {
        ConnectionPolicy::Queues queues = queues_of(descriptor);
        queues.unread = queues.unread || asking_ == descriptor;
        return queues;
    };
}

void Acceptor::make_room_after(int error) {
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        const std::lock_guard lock(mutex_);
        if (const auto cut = policy_.spare(Clock::now(), queues())) {
            end(*cut);
        }
    }
}

void Acceptor::cut_overdue() {
    const std::lock_guard lock(mutex_);
    draining_.look(Clock::now());
    for (const ConnectionPolicy::Cut& cut : policy_.overdue(Clock::now(), queues())) {
        end(cut);
    }
}

void Acceptor::cut_surplus() {
    const std::lock_guard lock(mutex_);
    for (const ConnectionPolicy::Cut& cut : policy_.surplus(Clock::now(), queues())) {
        end(cut);
    }
}

/// The server does not notice that the reader of a stream goes while there is nothing to send.
void Acceptor::look_at_streams() {
    std::vector<std::shared_ptr<Stream>> gone;
    {
        const std::lock_guard lock(mutex_);
        for (auto each = streams_.begin(); each != streams_.end();) {
            const auto& [descriptor, stream] = *each;
            pollfd connection{descriptor, 0, 0};
            if (poll(&connection, 1, 0) == 1) {
                gone.push_back(stream);
            }
            if (stream->ended()) {
                // What is left to be read is an answer like any other.
                policy_.asked(descriptor, Clock::now());
                each = streams_.erase(each);
            } else {
                ++each;
            }
        }
    }
    for (const auto& stream : gone) {
        stream->gone();
    }
}

bool Acceptor::full() {
    const std::lock_guard lock(mutex_);
    return policy_.full(draining_.size());
}

int Acceptor::time_to_next_look() {
    const std::lock_guard lock(mutex_);
    if (policy_.has_picked()) {
        return ConnectionPolicy::kNotice.count();
    }
    if (draining_.size() > 0) {
        return kDrainingMilliseconds;
    }
    return policy_.size() > 0 ? kLookMilliseconds : -1;
}

void Acceptor::started(int descriptor) {
    const std::lock_guard lock(mutex_);
    policy_.started(descriptor);
}

void Acceptor::asked(int descriptor) {
    asking_ = descriptor;
    const std::lock_guard lock(mutex_);
    policy_.asked(descriptor, Clock::now());
    asking_ = -1;
}

void Acceptor::streaming(int descriptor, std::shared_ptr<Stream> stream) {
    const std::lock_guard lock(mutex_);
    policy_.streaming(descriptor);
    streams_[descriptor] = std::move(stream);
}

void Acceptor::answered(int descriptor) {
    const std::lock_guard lock(mutex_);
    streams_.erase(descriptor);
    policy_.answered(descriptor, Clock::now());
}

void Acceptor::cut(int descriptor) {
    const std::lock_guard lock(mutex_);
    policy_.cut(descriptor);
    end({descriptor, true});
}

void Acceptor::closed(int descriptor) {
    const std::lock_guard lock(mutex_);
    streams_.erase(descriptor);
    if (!policy_.closed(descriptor)) {  // else a duplicate would put off its reset
        draining_.keep_if_unsent(descriptor, Clock::now());
    }
}

}  // namespace halfclosed::http
