#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "host/netstat.h"
#include "netlink/session.h"
#include "scenarios/observer.h"
#include "scenarios/performer.h"
#include "scenarios/scenario.h"
#include "scenarios/story.h"
#include "scenarios/wire.h"

namespace halfclosed::scenarios {

/// Plays one scenario in the network namespace of the calling thread, which must be its alone:
/// starts the programs, looks at the kernel every millisecond, sends the signals, and tells every
/// fact as it learns it.
class Stage {
 public:
    using Telling = std::function<void(const Fact&)>;

    /// `programs`: the directory of the reference programs. `alive`: returns false when nobody
    /// listens any more.
    Stage(const Scenario& scenario, std::chrono::seconds fin_timeout,
          std::filesystem::path programs, Telling telling, std::function<bool()> alive);

    /// From the first program to the last counter. Ends by itself, at the latest after the
    /// scenario's limit. The server is left running: it ends with the namespace.
    void play();

 private:
    void listen();
    void connect();
    bool go_on();
    void wait_a_moment();
    void listen_to_programs();
    void listen_to_wire();
    void look();
    void take_step();
    bool over() const;
    bool heard_out() const;
    void close_the_books();
    std::string what_is_awaited() const;
    std::unique_ptr<Performer> start(const Actor& actor, Side side);
    void trouble(const std::string& what);

    const Scenario& scenario_;
    std::chrono::seconds fin_timeout_;
    std::filesystem::path programs_;
    Telling telling_;
    std::function<bool()> alive_;

    netlink::Session session_;
    Wire wire_;
    std::optional<Observer> observer_;
    Ends<std::unique_ptr<Performer>> performers_;
    host::Counters counters_;
    std::size_t step_ = 0;
    unsigned failed_looks_ = 0;
    Ends<std::size_t> calls_{0, 0};
    Instant last_call_;
    bool listening_ = false;
    bool connected_ = false;
    bool client_ended_ = false;
    bool failed_ = false;
    Instant deadline_;
};

}  // namespace halfclosed::scenarios
