#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/child_process.h"
#include "loop/event_loop.h"

namespace halfclosed::control {

/// Runs scenarios on demand, one after another, each in a process of its own: the lab wants a process with one thread,
/// and the daemon goes on with its polls meanwhile.
class LabDesk {
 public:
    /// How many orders may wait behind the one that runs.
    static constexpr std::size_t kWaiting = 8;

    struct Order {
        std::string scenario;
        std::vector<std::string> arguments;  ///< of `halfclosed scenario run`, beside the name
        std::chrono::nanoseconds limit{};    ///< after this the run is ended by force
        bool self_test = false;              ///< the daemon's own, not somebody's
    };

    /// Whoever wants to be told. Neither is called from within place().
    struct Audience {
        std::function<void(const std::string& line)> line;
        std::function<void()> end;
    };

    enum class Result {
        pass,
        fail,
        not_run,  ///< the lab could not, or saw too little: it says nothing about TCP
    };

    struct Verdict {
        Result result = Result::not_run;
        std::string why;  ///< empty where it passed
    };
    using OnVerdict = std::function<void(const Order&, const Verdict&)>;

    using Ticket = std::uint64_t;

    /// `command`: the program, and what comes before an order's arguments. `on_verdict` is called once for every order
    /// that is not cancelled.
    LabDesk(EventLoop& loop, std::vector<std::string> command, OnVerdict on_verdict);

    /// Nothing where kWaiting orders wait already.
    std::optional<Ticket> place(Order order, Audience audience);

    /// The order's audience has gone: it hears nothing any more, and what runs for it is ended.
    void cancel(Ticket ticket);

    /// How many orders run or wait.
    std::size_t length() const { return orders_.size(); }

 private:
    struct Placed {
        Ticket ticket = 0;
        Order order;
        Audience audience;
        std::optional<Verdict> verdict;
        std::string trouble;  ///< what the run said last of what it could not do
        bool cancelled = false;
    };

    void start_next();
    void start();
    void hear(const std::string& line);
    void finish(const std::string& how_it_ended);

    EventLoop& loop_;
    std::vector<std::string> command_;
    OnVerdict on_verdict_;
    std::deque<Placed> orders_;  ///< the first one runs
    std::unique_ptr<Child> child_;
    EventLoop::Waiting next_;
    EventLoop::Waiting limit_;
    bool out_of_time_ = false;
    Ticket last_ticket_ = 0;
};

}  // namespace halfclosed::control
