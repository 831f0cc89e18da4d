#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "http/listener.h"
#include "posix/error.h"
#include "service/service.h"
#include "service/systemd.h"
#include "text/log.h"

namespace halfclosed {

// What a service begins with, before and after its first look.

/// Before the first look: from then on each edge is counted by the kernel, or each by polls.
void Service::start_exact() {
    using Exact = ServeOptions::Exact;
    if (options_.exact == Exact::off) {
        return;
    }
    try {
        exact::Source source(exact::Source::Options{options_.exact_pin});
        std::string without;
        for (const std::string& what : source.left_out()) {
            without += "; no " + what;
        }
        observer_.count_exactly(std::move(source));
        log::info("exact: the kernel counts transitions and resets itself{}", without);
    } catch (const posix::Error& error) {
        if (options_.exact == Exact::on) {
            throw std::runtime_error(std::string("--exact on: ") + error.what());
        }
        log::info("exact: {}; polls alone count transitions", error.what());
    }
}

void Service::open_page() {
    exporters::HttpOptions http;
    http.inherited = service_manager::inherited_sockets();
    http.listen = http.inherited.empty() ? options_.listen : std::vector<std::string>{};
    http.first = published_;
    http.allowed_hosts = options_.allowed_hosts;
    http.snapshot_access = options_.snapshot_access;
    http.access_policy = options_.access_policy;
    http.history = [this](const http::Request& request, exporters::HttpOptions::Send send) {
        history_api_.answer(request, std::move(send));
    };
    if (!http.inherited.empty() && options_.listen != ServeOptions{}.listen) {
        log::warn("--listen has no effect: the service manager handed sockets over");
    }
    try {
        server_.emplace(http);
    } catch (const http::ListenError& error) {
        throw std::runtime_error((http.inherited.empty() ? "--listen: " : "") +
                                 std::string(error.what()));
    }
    for (const std::string& address : addresses()) {
        log::info("serving {}/metrics", address);
    }
}

std::vector<std::string> Service::addresses() const {
    const bool tls = options_.access_policy && options_.access_policy->tls() != nullptr;
    std::vector<std::string> addresses = server_->addresses();
    for (std::string& address : addresses) {
        address.insert(0, tls ? "https://" : "http://");
    }
    return addresses;
}

/// Without orders there is still a service, unless somebody asked for them.
void Service::open_control() {
    control_.test_every(options_.self_test_interval);
    control_.hold_at_most(options_.max_hold);
    if (options_.control_socket.empty()) {
        return;
    }
    try {
        if (!options_.control_socket_wanted) {
            // Where no service manager made it. What comes of this, listen() says.
            std::error_code ignored;
            create_directory(std::filesystem::path(options_.control_socket).parent_path(), ignored);
        }
        control_.listen(options_.control_socket);
        log::info("control socket: {}", options_.control_socket);
    } catch (const std::runtime_error& error) {
        if (options_.control_socket_wanted) {
            throw;
        }
        log::info("{}; continuing without a control socket (--control-socket sets another path)",
                  error.what());
    }
}

}  // namespace halfclosed
