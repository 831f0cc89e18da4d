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

/// Runs scenarios on demand, one after another, each in a process of its own: the lab needs a process with one thread, and
/// the daemon goes on polling meanwhile.
class ScenarioQueue {
 public:
    /// How many jobs may wait behind the one that runs.
    static constexpr std::size_t kWaiting = 8;
    /// Of these, how many are kept for root: who fills the queue does not lock the administrator out.
    static constexpr std::size_t kKeptForRoot = 2;

    struct Job {
        std::string scenario;
        std::vector<std::string> arguments;  ///< of `halfclosed scenario run`, beside the name
        std::chrono::nanoseconds limit{};    ///< after this time the run is terminated
        bool self_test = false;              ///< started by the daemon itself
        bool from_root = false;              ///< may wait where others may not
    };

    /// Receives the output of a job. Neither is called from within place().
    struct Listener {
        std::function<void(const std::string& line)> line;
        std::function<void()> end;
    };

    enum class Result {
        pass,
        fail,
        not_run,  ///< the lab could not, or observed too little: no statement about TCP
    };

    struct Verdict {
        Result result = Result::not_run;
        std::string why;  ///< empty if it passed
    };
    using OnVerdict = std::function<void(const Job&, const Verdict&)>;

    using JobId = std::uint64_t;

    /// `command`: the program, and the arguments before a job's own. `on_verdict` is called once for every job that
    /// is not cancelled.
    ScenarioQueue(EventLoop& loop, std::vector<std::string> command, OnVerdict on_verdict);

    /// Nothing if as many jobs as may wait do already.
    std::optional<JobId> place(Job job, Listener listener);

    /// The job's listener is gone: it is not called any more, and its run is terminated.
    void cancel(JobId id);

    /// How many jobs run or wait.
    std::size_t length() const { return jobs_.size(); }

 private:
    struct QueuedJob {
        JobId id = 0;
        Job job;
        Listener listener;
        std::optional<Verdict> verdict;
        std::string error;  ///< the last that the run reported
        bool cancelled = false;
    };

    void start_next();
    void start();
    void handle_line(const std::string& line);
    void finish(const std::string& how_it_ended);

    EventLoop& loop_;
    std::vector<std::string> command_;
    OnVerdict on_verdict_;
    std::deque<QueuedJob> jobs_;  ///< the first one runs
    std::unique_ptr<Child> child_;
    EventLoop::EventSource next_;
    EventLoop::EventSource limit_;
    bool out_of_time_ = false;
    JobId last_id_ = 0;
};

}  // namespace halfclosed::control
