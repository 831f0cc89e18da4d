#pragma once

#include <sys/socket.h>

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "exporters/http/connection_policy.h"
#include "exporters/http/listener.h"

namespace halfclosed::exporters {

/// Accepts connections on every listener in a thread of its own and ends those that the table says
/// have to go. The server that the connections are handed to snapshots what becomes of them, from its
/// own thread.
class Acceptor {
 public:
    /// Gives a connection to the server, which owns its descriptor from then on.
    using HandOver = std::function<bool(int descriptor, const sockaddr* peer, socklen_t length)>;

    Acceptor(std::vector<Listener> listeners, const ConnectionPolicy::Limits& limits);
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    void open(HandOver hand_over);
    /// Accepts no more. Idempotent.
    void shut();

    // Thread-safe. closed() is called before the descriptor is: after it, the number means
    // something else.
    void started(int descriptor);
    void asked(int descriptor);
    void answered(int descriptor);
    void closed(int descriptor);

    const std::vector<Listener>& listeners() const { return listeners_; }

 private:
    void run(const HandOver& hand_over);
    /// False where there is no room, or no descriptor, for another one.
    bool accept_all(int listener, const HandOver& hand_over);
    void make_room_after(int error);
    void cut_overdue();
    void cut_surplus();
    bool full();
    bool idle();

    std::vector<Listener> listeners_;
    int wake_up_ = -1;  ///< an eventfd, readable once the door is to be shut
    std::thread thread_;
    std::mutex mutex_;
    ConnectionPolicy table_;  ///< under mutex_
};

}  // namespace halfclosed::exporters
