package dev.perdure.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// A document cut into passages that each say one thing: a paragraph, or a few short ones.
///
/// The model looks at about 250 words at a time, and the vector of a passage is a mixture of all it says: a grant that
/// shares its passage with the usual disclaimer of warranty looks like the disclaimer.
record Passages(List<String> texts) {
    private static final Pattern MARKUP =
            Pattern.compile("</?pre>|```|(?m)^[ \\t]*(?:[*#;]+|//|-{2,}|={2,}|_{2,})[ \\t]*");
    private static final Pattern PARAGRAPH = Pattern.compile("\\R\\s*\\R");
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final int SHORT = 150;
    private static final int FULL = 500;
    private static final int LONGEST = 900;
    private static final int CUT = 700;
    private static final int MIN_CUT = 200;
    private static final int MIN_TEXT = 3;

    Passages {
        texts = List.copyOf(texts);
    }

    static Passages of(String text) {
        List<String> passages = new ArrayList<>();
        String open = "";
        for (String raw : PARAGRAPH.split(MARKUP.matcher(text).replaceAll(" "), -1)) {
            String paragraph = SPACE.matcher(raw).replaceAll(" ").strip();
            if (paragraph.length() < MIN_TEXT) {
                continue;
            }
            boolean heading = open.length() < SHORT && paragraph.length() >= SHORT;
            if (!open.isEmpty() && (heading || open.length() + paragraph.length() > FULL)) {
                passages.add(open);
                open = "";
            }
            open = open.isEmpty() ? paragraph : open + "\n" + paragraph;
            while (open.length() > LONGEST) {
                int cut = cut(open);
                passages.add(open.substring(0, cut).strip());
                open = open.substring(cut).strip();
            }
        }
        if (!open.isEmpty()) {
            passages.add(open);
        }
        return new Passages(passages);
    }

    /// Behind a sentence, else behind a word, else anywhere but inside a character.
    private static int cut(String text) {
        int sentence = text.lastIndexOf(". ", CUT) + 1;
        int word = text.lastIndexOf(' ', CUT);
        int cut = sentence >= MIN_CUT ? sentence : word >= MIN_CUT ? word : CUT;
        return Character.isLowSurrogate(text.charAt(cut)) ? cut - 1 : cut;
    }
}
