#include "scenarios/run/pcap_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "scenarios/recorded_trace.h"

namespace halfclosed::scenarios {
namespace {

using testing::HasSubstr;

class Folder {
 public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "halfclosed-capture-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), name);
        }
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kPacketHeader = 16;

TEST(CaptureFile, IsWholeAfterEachTrace) {
    const Folder folder;
    const std::string path = folder.path() / "x.pcap";
    const Trace trace = recorded_trace("late-close");
    std::size_t frames = 0;
    for (const Packet& packet : trace.packets) {
        frames += kPacketHeader + packet.frame.bytes.size();
        EXPECT_GE(packet.frame.bytes.size(), 54U) << "recorded with its frames";
    }
    std::ofstream(path) << "of an earlier run";
    CaptureFile file(path);
    EXPECT_EQ(contents(path), "of an earlier run");
    file.add(trace);
    EXPECT_EQ(contents(path).size(), kFileHeader + frames);
    file.add(trace);
    EXPECT_EQ(contents(path).size(), kFileHeader + 2 * frames);
    EXPECT_EQ(contents(path).substr(0, 4), std::string("\x4d\x3c\xb2\xa1")) << "nanoseconds";
}

TEST(CaptureFile, NamesTheFileThatItCannotWrite) {
    for (const char* path : {"/nonexistent/x.pcap", "/"}) {
        try {
            CaptureFile file{path};
            FAIL() << path;
        } catch (const std::system_error& error) {
            EXPECT_THAT(error.what(), HasSubstr(path));
        }
    }
}

TEST(CaptureFile, ADiskThatIsFullIsAnError) {
    EXPECT_THROW(CaptureFile("/dev/full").add(recorded_trace("late-close")), std::system_error);
}

}  // namespace
}  // namespace halfclosed::scenarios
