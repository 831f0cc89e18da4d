#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/flags.h"
#include "cli/terminal.h"
#include "commands/commands.h"
#include "commands/status_report.h"
#include "control/control_client.h"
#include "http/unix_listener.h"

namespace halfclosed {

namespace {

constexpr const char* kOfDaemon = "what is watched is the running daemon's choice";

constexpr const char* kUsualSocket = "/run/halfclosed/control.sock";

void add_control_socket(CLI::App& command, std::string& path) {
    path = kUsualSocket;
    add_value(command, "--control-socket", path, http::parse_socket_path, "PATH", kUsualSocket,
              "The running daemon's control socket");
}

/// All that the daemon answers.
std::string answer_of(control::Method method, const std::string& socket,
                      const std::string& target) {
    std::string text;
    control::ask(method, socket, target, [&text](const std::string& line) { text += line + "\n"; });
    return text;
}

int status(const CommonOptions& common, const std::string& socket, bool json) {
    const std::string answer = answer_of(control::Method::get, socket, "/api/v1/status");
    const StatusReport report =
        status_report(answer, std::chrono::system_clock::now(), result_style(common, 1));
    std::fputs(json ? answer.c_str() : report.text.c_str(), stdout);
    return report.sees ? 0 : 1;
}

int reload(const std::string& socket) {
    std::fputs(answer_of(control::Method::post, socket, "/-/reload").c_str(), stdout);
    return 0;
}

}  // namespace

void add_status(CLI::App& app, const CommonOptions& common, Run& chosen) {
    struct Options {
        std::string socket;
        bool json = false;
    };
    CLI::App& command =
        add_command(app, "status",
                    "How the running daemon is doing; exits with 1 if it is blind or not running");
    auto options = std::make_shared<Options>();
    add_control_socket(command, options->socket);
    add_switch(command, "--json", options->json, "One JSON object, schema halfclosed.status/1");
    on_chosen(command, [&common, &chosen, options] {
        refuse_watching(common, kOfDaemon);
        chosen = [&common, options] { return status(common, options->socket, options->json); };
    });
}

void add_reload(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App& command = add_command(
        app, "reload",
        "Have the running daemon read its configuration anew; a bad one is refused and the old one "
        "stays");
    auto socket = std::make_shared<std::string>();
    add_control_socket(command, *socket);
    on_chosen(command, [&common, &chosen, socket] {
        refuse_watching(common, kOfDaemon);
        chosen = [socket] { return reload(*socket); };
    });
}

}  // namespace halfclosed
