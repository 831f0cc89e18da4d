#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>

#include "daemon/chronicle.h"
#include "daemon/control_desk.h"
#include "daemon/observer.h"
#include "daemon/options.h"
#include "daemon/serve_options.h"
#include "daemon/state_keeper.h"
#include "exporters/http_server.h"
#include "loop/event_loop.h"

namespace halfclosed {

/// `halfclosed serve`: polls when a tier is due, publishes what came of it, and keeps the service manager informed.
class Service {
 public:
    Service(const CommonOptions& common, const ServeOptions& options);

    /// Until SIGINT or SIGTERM. SIGHUP reads the command line, the environment and the file again. Throws
    /// std::runtime_error where an address cannot be listened on.
    int run();

 private:
    void open_page();
    void open_control();
    bool observe();
    std::chrono::nanoseconds look();
    std::shared_ptr<const exporters::Report> report() const;
    void publish();
    void tell(const exporters::Event& event);
    void keep_ages(const exporters::Report& report, bool always);
    /// Returns why not; empty: done.
    std::string reload();
    void apply(const CommonOptions& common, const ServeOptions& options);

    CommonOptions common_;
    ServeOptions options_;
    EventLoop loop_;
    Observer observer_;
    StateKeeper keeper_;
    Chronicle chronicle_;
    std::optional<exporters::HttpServer> server_;
    ControlDesk control_;
    exporters::ConfigReload config_;
    std::chrono::nanoseconds closing_due_{0};
    std::chrono::nanoseconds census_due_{0};
    bool ready_ = false;
};

}  // namespace halfclosed
