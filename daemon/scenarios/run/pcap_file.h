#pragma once

#include <memory>
#include <string>

#include "posix/output_file.h"
#include "scenarios/trace/trace.h"

struct pcap;
struct pcap_dumper;

namespace halfclosed::scenarios {

/// A capture file as Wireshark and tcpdump(8) open it: Ethernet frames with the kernel's own time stamps, in nanoseconds.
class CaptureFile {
 public:
    /// What bore the name stays until the first trace is whole. Throws std::system_error that names it.
    explicit CaptureFile(const std::string& path);
    ~CaptureFile();
    CaptureFile(const CaptureFile&) = delete;
    CaptureFile& operator=(const CaptureFile&) = delete;

    /// Appends the packets of a trace and flushes them to the file. Throws std::system_error that names it.
    void add(const Trace& trace);

 private:
    struct Close {
        void operator()(pcap* capture) const;
        void operator()(pcap_dumper* file) const;
    };

    posix::OutputFile output_;
    std::string path_;
    std::unique_ptr<pcap, Close> format_;
    std::unique_ptr<pcap_dumper, Close> file_;
};

}  // namespace halfclosed::scenarios
