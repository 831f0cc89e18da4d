#include "posix/stop_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "posix/system_call.h"

namespace halfclosed::posix {

StopSignals::StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        // One that is ignored stays so: nohup(1), and a shell's jobs in the background.
        struct sigaction now {};
        sigaction(signal, nullptr, &now);
        if (now.sa_handler != SIG_IGN) {
            sigaddset(&signals, signal);
        }
    }
    sigprocmask(SIG_BLOCK, &signals, &before_);
    descriptor_ =
        Descriptor(check("signalfd", ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)));
}

StopSignals::~StopSignals() {
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int StopSignals::take() const {
    signalfd_siginfo info{};
    const bool came = read(descriptor(), &info, sizeof info) == sizeof info;
    return came ? static_cast<int>(info.ssi_signo) : 0;
}

void end_by(int signal) {
    std::signal(signal, SIG_DFL);
    raise(signal);
}

}  // namespace halfclosed::posix
