#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "control/control_server.h"
#include "exporters/events/event.h"
#include "exporters/snapshot/snapshot.h"
#include "loop/event_loop.h"
#include "service/order_limit.h"
#include "service/scenario_queue.h"

namespace halfclosed {

/// Takes jobs for the daemon, and counts what the scenarios that it runs say:
///
///   POST /api/v1/scenarios/NAME/run   the run's facts as they become known, a JSON object a line, and its verdict at
///                                     last; 503 while too many wait. ?fin-timeout=2s&hold=10m as the flags, the
///                                     hold up to --max-hold
///   GET  /api/v1/scenarios            the catalogue, a JSON object a line
///   GET  /api/v1/status               how the daemon is doing: status_json()
///   POST /-/reload                    200 and what waits for the next start, or 500 and what
///                                     is wrong with the configuration
///   GET  anything else                as the page answers it
///
/// 429 above reload_limit() and control_limit(), of which root and others have one each. What only reads does not come to
/// the event loop.
class ControlApi {
 public:
    /// What came of reading the configuration anew.
    struct Reload {
        std::string trouble{};        ///< why nothing has changed; empty: it has
        std::string at_next_start{};  ///< what waits until then; empty: nothing
    };
    struct Daemon {
        std::function<Reload()> reload;
        std::function<std::shared_ptr<const exporters::Snapshot>()> snapshot;
        std::function<http::Answer(const http::Request&)> page;  ///< thread-safe
        std::function<void(const exporters::Event&)> tell;
        std::function<std::vector<std::string>()> addresses;  ///< URLs of the page
    };

    ControlApi(EventLoop& loop, Daemon daemon);

    /// Throws std::runtime_error if the path cannot be listened on.
    void listen(const std::string& path);

    /// Runs a scenario now and then, so that a lab or a kernel that misbehaves is found before it is needed;
    /// 0: not any more.
    void test_every(std::chrono::nanoseconds interval);

    /// The longest hold that a run may be asked for.
    void hold_at_most(std::chrono::nanoseconds hold) { max_hold_ = hold; }

    const exporters::SelfTest& self_test() const { return self_test_; }

    /// By scenario, all of them.
    const std::map<std::string, exporters::ScenarioRuns>& runs() const { return runs_; }

 private:
    std::optional<http::Answer> answer_at_once(const http::Request& request);
    http::Answer answer(const http::Request& request);
    http::Answer status() const;
    http::Answer reload(const http::Request& request);
    http::Answer run(const http::Request& request, const std::string& name);
    void test();
    control::ScenarioQueue::OnVerdict judging();
    void judge(const control::ScenarioQueue::Job& job,
               const control::ScenarioQueue::Verdict& verdict);

    EventLoop& loop_;
    Daemon daemon_;
    std::map<std::string, exporters::ScenarioRuns> runs_;
    control::ScenarioQueue lab_;
    control::ScenarioQueue self_tests_;  ///< behind nobody's orders
    std::chrono::nanoseconds max_hold_ = std::chrono::hours{1};
    exporters::SelfTest self_test_;
    bool testing_ = false;  ///< a self-test runs
    struct Limits {
        OrderLimit orders = control_limit();
        OrderLimit reloads = reload_limit();
    };
    std::mutex mutex_;
    // Under mutex_:
    Limits of_root_;
    Limits of_others_;
    std::uint64_t refused_ = 0;  ///< orders, and not told
    EventLoop::EventSource next_test_;
    std::optional<control::ControlServer> server_;
};

}  // namespace halfclosed
