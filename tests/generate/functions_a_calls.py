import random, json, sys
seed=int(sys.argv[1]); N=int(sys.argv[2]); only=set(sys.argv[3].split(',')) if len(sys.argv)>3 else None
R=random.Random(seed)
VALUES={"n":None,"i":3,"f":2.5,"z":0,"t":True,"fa":False,"s":"str","u":"Größe ǆ İ","num":"42","big":1e21,"neg":-7,"mil":1000000,"l":[3,"a",None,1.5,"a"],"el":[],"es":"","m":{"a":1,"b":{"c":2,"d":{"e":3}},"n":None},"em":{},"nums":[3,1,2],"strs":["b","a","","ß"],"dup":[1,"1",1,None,None,[1],[1],{"a":1},{"a":1}],"deep":{"x":{"y":{"z":[1,{"w":"v"}]}}}}
STR=['""','"a"','"abc"','" a b  c "','"Hello World"','"foo-bar_baz qux"','"HTTPServer2xxOK"','"Bld4Floor3rd"','"someWordsIn3Parts"','"_leading__x"','"__"','"-"','"trailing_"','"GO_PATH"','"ÄÖÜ straße"','"ǆǅǄ İıſK"','"日本語 text 漢字"','"héllo wörld"','"a\\u00a0b\\u2003c\\u0085d"','"tab\\there\\nnew\\r\\n"','"\\xff\\xfe"','"a\\xffb"','"\\xe2\\x82"','"é\\xc3"','"\\ufffd"','"emoji 😀 x"','"1234567890"','"12"','"-5"','"0x1F"','"010"','"08"','"1.0"','"1.50"','"1e3"','"1_000"','" 7"','"+3"','"9223372036854775808"','"-9223372036854775809"','"inf"','"NaN"','"0b11"','"0o17"','"true"','"nil"','"/a/b/../c/./d//e.txt"','"../x/.."','"a/b.c/d"','"/"','"//"','"."','".."','"x.tar.gz"','"/..//../a"','"a,b,,c"','","','"$"','"%"','"%d %s"','"<b>&\\"\'`"','"a\\\\b"','"Ⅷ ⅷ ½ ٣"','"a.b.c;d!e"','"ŉ ﬁ ß ΐ"','"ᏸ Ꮟ ა Ა"','"the quick brown fox jumps over the lazy dog"','"loooooooooooooongword and short"','"..."','"x=1&y=2"','(b64dec "gICA")','(b64dec "YcOkYv8=")','.Values.s','.Values.u','.Values.es','.Values.num','"𝒳 𐐀𐐨"','"\\u200b\\u2028"','"\\x00\\x7f"','"a b c d e f"','"XMLHttpRequest"','"ABC"','"aB"','"a1b2"','"x💩y"','"ÀÉ_ÎÕ9"','"中文Abc"','"__a__b__"','" leading"','"A"','"é"','"\\t"']
INTS=['0','1','2','3','4','5','7','8','10','12','-1','-2','-3','-10','100','6','9','20']
BIG=['9223372036854775807','-9223372036854775808','2147483648','-2147483649','1000000','4611686018427387904']
FL=['0.0','1.5','-2.5','0.1','3.14159','1e6','1e21','1e300','1e-7','-0.5','2.675','1e308','5e-324','123456789.125','0.3','1e100','-1e-300','99999999999999999.0','0.1e-5','1.0','-0.0']
ANYV=['nil','.Values.nope','.Values.n','true','false','(dict)','(list)','.Values.m','.Values.l','.Values.em','.Values.el','(dict "a" 1)','(list 1 "a" nil)','.Values.nums','.Values.f','.Values.i','.Values.z','.Values.mil','.Values.big','(until 3)','(splitList "," "b,a")','(split "," "x,y")',".Values.dup","'a'",'(int 5)','(int64 5)','(float64 2)','(list (list 1) (dict "b" nil))','(dict "a" (dict "b" (list 1)))','(index "abc" 1)','.Values','(chunk 2 (until 5))','(toStrings (list 1 nil "x"))','(list)','(dict "k" nil)','1i','(concat)','(rest (list))','(first (list))','.Values.strs','.Values.deep','(b64dec "/w==")']
def s(): return R.choice(STR)
def i(): return R.choice(INTS)
def I(): return R.choice(INTS+BIG)
def f(): return R.choice(FL)
def num(): return R.choice([i,i,f,I,lambda:R.choice(['"12"','"1.5"','"abc"','"0x10"','"010"','"08"','"1e3"','"-7"','"1.0"','"1.10"','" 1"','"1_0"','"inf"','"nan"','"9223372036854775808"','nil','true','false','.Values.f','.Values.mil','.Values.big','.Values.neg','(list 1)','(dict)',"'a'",'(int 3)','(float64 1.25)','(index "a" 0)','1i','""'])])()
def any_(): return R.choice([s,i,f,lambda:R.choice(ANYV),lambda:R.choice(ANYV),lst,dct])()
def lst(d=0):
    k=R.randrange(12)
    if k<5 and d<3: return '(list'+''.join(' '+(any_() if R.random()<.7 else lst(d+1)) for _ in range(R.randrange(0,6)))+')'
    if k==5: return '.Values.'+R.choice(['l','nums','el','dup','strs'])
    if k==6: return f'(until {R.choice(["0","3","5","-4","9"])})'
    if k==7: return f'(splitList {R.choice(chr(44))!r} {s()})'.replace("'",'"')
    if k==8 and d<3: return f'({R.choice(["append","prepend"])} {lst(d+1)} {any_()})'
    if k==9 and d<3: return f'({R.choice(["uniq","compact","reverse","rest","initial","sortAlpha","toStrings"])} {lst(d+1)})'
    if k==10 and d<3: return f'(concat {lst(d+1)} {lst(d+1)})'
    if k==11 and d<3: return f'(slice {lst(d+1)} {i()})'
    return '(list 1 2 3)'
KEYS=['"a"','"b"','"c"','"n"','"x"','""','"é"']
def dct(d=0):
    k=R.randrange(9)
    if k<6 and d<3:
        out='(dict'
        for _ in range(R.randrange(0,4)):
            out+=' '+R.choice(KEYS)+' '+(dct(d+1) if R.random()<.35 else lst(d+1) if R.random()<.2 else R.choice(['nil','""','0','false','true','1','"x"','(list)','(dict)','2.5','.Values.m','.Values.n','(splitList "," "q,p")','(split "," "x,y")']))
        return out+')'
    if k==6: return '.Values.'+R.choice(['m','em','deep'])
    if k==7 and d<3: return f'({R.choice(["pick","omit"])} {dct(d+1)} {R.choice(KEYS)})'
    return R.choice(['.Values','(dict "a" (dict "b" 1 "c" (dict)))','(urlParse "http://u:p@h:8/x?q#f")','(split "," "x,y")','nil'])
def b(): return R.choice(['true','false','(eq 1 1)','nil','.Values.t'])
def key(): return R.choice(KEYS+[s()])
def small(): return R.choice(['0','1','2','3','5','8','-1','-3','13','(int 4)','(len "abc")','40'])
G={'s':s,'i':i,'I':I,'f':f,'n':num,'a':any_,'l':lst,'d':dct,'b':b,'k':key,'m':small}
def path(): return ''.join(R.choice(['/','/','.','..','a','b','é','x.y','.z',' ']) for _ in range(R.randrange(0,9)))
def ustr():
    parts=['http','https','ftp','HTTP','mailto','a+b-c.1','1x','',':','://','//','/','///','user','u:p','u%20s:p%40w','@','host','host.com','hé','h%41','h%C3%A9','[::1]','[::1%25en0]','[fe80::1%25%41]','[1.2.3.4]','[::g]','[::1','[1:2:3:4:5:6:7:8]','[::ffff:1.2.3.4]','[12345::]','[:1]','[1::2::3]','[]',':80',':',':8a','?','?q=1&r=%zz','#','#frag','#f%20x','#%zz','/a b/c','/%2F','/%zz','/%4','%','/é','\\x7f','*',';,!$&()=+','{}|','^`','"\'<>','\\\\',' ']
    return ''.join(R.choice(parts) for _ in range(R.randrange(1,7)))
def q(x): return '"'+x.replace('"','\\"')+'"' if not x.startswith('"') else x
G['p']=lambda: q(path())
G['u']=lambda: q(ustr())
SIG={
'hello':'','abbrev':'is','abbrevboth':'iis','trunc':'Is','trim':'s','upper':'s','lower':'s','title':'s','untitle':'s','substr':'IIs','repeat':'ms','trimall':'ss','trimAll':'ss','trimSuffix':'ss','trimPrefix':'ss','nospace':'s','initials':'s','swapcase':'s','snakecase':'s','camelcase':'s','kebabcase':'s','wrap':'Is','wrapWith':'Iss','contains':'ss','hasPrefix':'ss','hasSuffix':'ss','quote':'a*','squote':'a*','cat':'a*','indent':'ms','nindent':'ms','replace':'sss','plural':'ssI','toString':'a','atoi':'s','int64':'n','int':'n','float64':'n','toDecimal':'n','split':'ss','splitList':'ss','splitn':'sis','toStrings':'a','until':'m','untilStep':'mmm','seq':'m*','add1':'n','add':'n*','sub':'nn','div':'nn','mod':'nn','mul':'nn*','add1f':'n','addf':'n*','subf':'nn*','divf':'nn*','mulf':'nn*','biggest':'nn*','max':'nn*','min':'nn*','maxf':'nn*','minf':'nn*','ceil':'n','floor':'n','round':'nif*','join':'sl','sortAlpha':'l','default':'aa','empty':'a','coalesce':'a*','all':'a*','any':'a*','compact':'l','mustCompact':'l','ternary':'aab','deepCopy':'a','mustDeepCopy':'a','typeOf':'a','typeIs':'sa','typeIsLike':'sa','kindOf':'a','kindIs':'sa','deepEqual':'aa','base':'p','dir':'p','clean':'p','ext':'p','isAbs':'p','osBase':'p','osClean':'p','osDir':'p','osExt':'p','osIsAbs':'p','tuple':'a*','list':'a*','dict':'a*','get':'dk','set':'dka','unset':'dk','hasKey':'dk','pluck':'kd*','pick':'dk*','omit':'dk*','merge':'dd*','mergeOverwrite':'dd*','mustMerge':'dd*','mustMergeOverwrite':'dd*','append':'la','push':'la','mustAppend':'la','mustPush':'la','prepend':'la','mustPrepend':'la','first':'l','mustFirst':'l','rest':'l','mustRest':'l','last':'l','mustLast':'l','initial':'l','mustInitial':'l','reverse':'l','mustReverse':'l','uniq':'l','mustUniq':'l','without':'la*','mustWithout':'la*','has':'al','mustHas':'al','slice':'ln*','mustSlice':'ln*','concat':'l*','dig':'kka*','chunk':'il','mustChunk':'il','urlParse':'u','urlJoin':'d','deepEqual2':'ll'}
def args(name):
    sig=SIG[name]
    out=[]
    if name=='dig':
        n=R.randrange(1,4)
        out=[key() for _ in range(n)]+[any_(), dct() if R.random()<.9 else any_()]
        return out
    if name=='deepEqual' and R.random()<.4:
        x=R.choice([lst,dct,any_])(); return [x,x]
    if name=='slice' and R.random()<.6:
        return [lst()]+[i() for _ in range(R.randrange(0,3))]
    if name=='urlJoin' and R.random()<.95:
        o='(dict'
        for k in ['scheme','host','path','query','opaque','fragment','userinfo','hostname']:
            if R.random()<.5: o+=f' "{k}" '+(q(ustr()) if R.random()<.93 else any_())
        return [o+')'] if R.random()<.7 else [f'(urlParse {q(ustr())})']
    var=sig.endswith('*')
    base=sig[:-1] if var else sig
    if var:
        last=base[-1]; base=base[:-1]
        out=[G[c]() for c in base]+[G[last]() for _ in range(R.choice([0,1,1,1,2,2,3]))]
    else: out=[G[c]() for c in base]
    if R.random()<.07 and out: out[R.randrange(len(out))]=any_()
    if R.random()<.02: out=out[:-1] if R.random()<.5 else out+[any_()]
    return out
def call(name):
    a=args(name)
    if name=='deepEqual2': name='deepEqual'
    if a and R.random()<.15: return f'{a[-1]} | {name} '+' '.join(a[:-1])
    return name+' '+' '.join(a)
names=[n for n in SIG if not only or n in only]
out=[]
for k in range(N):
    name=R.choice(names)
    c=call(name)
    r=R.random()
    if name.startswith(('until','seq','repeat')): r=min(r,.9)
    if r<.45: t='{{ '+c+' }}'
    elif r<.65: t='{{ printf "%#v|%T" ('+c+') ('+c+') }}'
    elif r<.75: t='{{ $x := '+c+' }}{{ printf "%q" $x }}|{{ kindOf $x }}'
    elif r<.8: t='{{ with '+c+' }}{{ . }}{{ else }}E{{ end }}'
    elif r<.87:
        l=lst(); d=dct()
        c2=c
        t='{{ $l := '+l+' }}{{ $d := '+d+' }}{{ $x := '+c+' }}{{ $y := '+R.choice(['sortAlpha $l','append $l 1','merge $d (dict "zz" 1)','set $d "q" $x','slice $l 0 2','deepCopy $l','reverse $l'])+' }}{{ $l }}{{ $x }}{{ $y }}'
    elif r<.92:
        t='{{ $x := '+c+' }}{{ $z := deepCopy (list $x) }}{{ deepEqual $x (first $z) }}{{ has $x $z }}{{ uniq (list $x $x 1) }}'
    elif r<.96:
        t='{{ $x := '+c+' }}{{ slice $x 0 '+i()+' }}'
    else:
        n2=R.choice(names); 
        t='{{ $x := '+c+' }}{{ $x | '+n2+' '+' '.join(args(n2)[:-1]) +' }}'
    # random order or infinite things
    out.append({"id":f"{name}-{seed}-{k}","template":t,"values":VALUES})
for o in out: print(json.dumps(o))
