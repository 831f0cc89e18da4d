#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporters/http/server.h"
#include "loop/event_loop.h"
#include "observer/observer.h"
#include "service/control_api.h"
#include "service/event_recorder.h"
#include "service/flight_recorder.h"
#include "service/history_api.h"
#include "service/look_memory.h"
#include "service/order_limit.h"
#include "service/serve_options.h"

namespace halfclosed {

/// `halfclosed serve`: polls when a tier is due, publishes what came of it, and keeps the service manager informed.
class Service {
 public:
    struct Configuration {
        ServeOptions options;
        exporters::EventLog::Sink events;  ///< where the event log goes
    };
    /// Reads the whole configuration anew. Throws std::invalid_argument that says what is wrong with it.
    using Reread = std::function<Configuration()>;

    Service(Configuration configuration, exporters::BuildInfo build, Reread reread);

    /// Until SIGINT or SIGTERM; SIGHUP is a reload. Throws std::runtime_error if an address cannot be listened on.
    int run();

 private:
    void start_exact();
    void open_page();
    std::vector<std::string> addresses() const;
    void open_control();
    bool observe();
    std::chrono::nanoseconds look();
    void make_snapshot();
    void amend_snapshot();
    void set_snapshot(exporters::Snapshot snapshot);
    std::chrono::nanoseconds publishing_cpu(std::chrono::nanoseconds now) const;
    exporters::CpuTimes cpu_times() const;
    std::chrono::nanoseconds other_cpu() const;
    void on_hangup();
    void publish();
    void tell(const exporters::Event& event);
    ControlApi::Reload reload();
    /// Returns what waits for the next start, as for_the_next_start().
    std::string apply(Configuration configuration);

    ServeOptions options_;
    exporters::BuildInfo build_;
    std::string host_;
    Reread reread_;
    EventLoop loop_;
    Observer observer_;
    FlightRecorder flight_recorder_;
    HistoryApi history_api_{flight_recorder_};
    EventRecorder event_recorder_;
    LookMemory memory_;
    std::optional<exporters::HttpServer> server_;
    ControlApi control_;
    exporters::ConfigReload config_;
    std::shared_ptr<const exporters::Snapshot> published_;  ///< set before the page is open
    std::chrono::nanoseconds polled_{0};                    ///< when the last closing poll began
    std::chrono::nanoseconds closing_due_{0};
    std::chrono::nanoseconds census_due_{0};
    std::chrono::nanoseconds published_cpu_{0};  ///< spent on publishing since the start
    std::optional<std::chrono::nanoseconds> publishing_since_;  ///< by this thread's CPU clock
    exporters::CpuTimes told_cpu_;              ///< by the last snapshot: counters never fall
    std::chrono::nanoseconds recorded_cpu_{0};  ///< on writing it down, as far as that is charged
    OrderLimit hangups_ = hangup_limit();
    EventLoop::EventSource late_hangup_;
    bool ready_ = false;
};

}  // namespace halfclosed
