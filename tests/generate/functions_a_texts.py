import random, json, sys
seed=int(sys.argv[1]); N=int(sys.argv[2]); R=random.Random(seed)
out=[]
def emit(t,v=None):
    o={"id":f"g2-{seed}-{len(out)}","template":t}
    if v is not None: o["values"]=v
    out.append(o)
CH=list('aAbBzZ09')+['_','-',' ','.',',','!','/','é','É','ß','Ǆ','ǅ','ǆ','ﬁ','中','㐀','日','ア','١','Ⅷ','ⅷ','½','😀','\u00a0','\u2003','\u0301','İ','ı','Σ','ς','σ','𐐀','𐐨','\\xff','\\xc3','\\xe2\\x82','\\ufffd','\\n','\\t','€','$','+','ა','Ა','ᏸ','Ꮘ','-','_','A','B','1']
def rs(n=None):
    return '"'+''.join(R.choice(CH) for _ in range(R.randrange(0,14) if n is None else n))+'"'
F1=['upper','lower','title','untitle','swapcase','camelcase','snakecase','kebabcase','initials','nospace','trim','quote','squote','toString','b64']
for k in range(N):
    r=R.randrange(16)
    if r<7:
        f=R.choice(F1[:-1]); emit('{{ printf "%q|%x" ('+f+' '+(s:=rs())+') ('+f+' '+s+') }}')
    elif r==7: emit('{{ printf "%q" ('+R.choice(['trimAll','trimPrefix','trimSuffix','contains','hasPrefix','split','splitList','hasSuffix'])+' '+rs(R.choice([0,1,1,2,3]))+' '+rs()+') }}')
    elif r==8: emit('{{ printf "%q" (replace '+rs(R.choice([0,1,1,2]))+' '+rs(R.choice([0,1,2]))+' '+rs()+') }}')
    elif r==9: emit('{{ printf "%q" (wrapWith '+str(R.randrange(-1,9))+' '+rs(R.choice([0,1,2]))+' '+rs(R.randrange(30))+') }}{{ wrap '+str(R.randrange(-1,12))+' '+rs(R.randrange(30))+' | printf "%q" }}')
    elif r==10: emit('{{ printf "%q" (abbrev '+str(R.randrange(-1,14))+' '+rs(R.randrange(20))+') }}{{ abbrevboth '+str(R.randrange(-2,20))+' '+str(R.randrange(2,18))+' '+rs(R.randrange(30))+' | printf "%q" }}')
    elif r==11: emit('{{ printf "%q" ('+R.choice(['trunc '+str(R.randrange(-20,20)),'substr '+str(R.randrange(-3,12))+' '+str(R.randrange(-3,16)),'indent '+str(R.randrange(0,5)),'nindent '+str(R.randrange(0,5)),'splitn '+rs(R.choice([0,1]))+' '+str(R.randrange(-2,5)),'repeat '+str(R.randrange(-1,6))])+' '+rs()+') }}')
    elif r==12:
        n=R.choice([R.randrange(0,20),R.randrange(0,140)])
        src=R.choice([f'(until {n})',f'(uniq (until {n}))',f'(compact (until {n}))',f'(without (until {n}) 3)',f'(concat (until {n}) (until {R.randrange(5)}))',f'(append (until {n}) 1)',f'(prepend (until {n}) 1)',f'(rest (until {n}))',f'(initial (until {n}))',f'(reverse (until {n}))',f'(toStrings (until {n}))',f'(first (chunk 5 (until {n})))',f'(chunk 3 (until {n}))',f'(append (append (until {n}) 1) 2)',f'(deepCopy (uniq (until {n})))',f'(splitList "," (join "," (until {n})))',f'(sortAlpha (until {n}))',f'(sortAlpha (list nil 1 "b" "a" nil))','.Values.l',f'(slice (uniq (until {n})) 2)',f'(slice (uniq (until {n})) 1 3)',f'(prepend (uniq (until {n})) nil)',f'(append .Values.l 1)',f'(pluck "a" (dict "a" 1) (dict "a" 2) (dict "b" 1) (dict "a" 3))',f'(keys (dict "a" 1))',f'(values (dict "a" 1))',f'(slice (append (until {n}) "x") 0 (add {n} 1))'])
        a=R.choice(['0','1','2',str(R.randrange(20))]); b=str(R.choice([n,n+1,n+2,n*2,n*2+1,R.randrange(0,30),n+R.randrange(-2,20)]))
        emit('{{ $l := '+src+' }}{{ $s := slice $l '+a+' '+b+' }}{{ printf "%#v" $s }}{{ len $s }}{{ $l }}{{ slice $s 0 '+str(R.randrange(0,40))+' }}',{"l":list(range(R.choice([3,5,9,17,33])))})
    elif r==13:
        emit('{{ $l := splitList "," "'+','.join(R.choice('zyxabcc') for _ in range(R.randrange(1,9)))+'" }}{{ $p := slice $l 1 '+str(R.randrange(1,9))+' }}{{ $x := '+R.choice(['sortAlpha $p','sortAlpha $l','sortAlpha (toStrings $l)','sortAlpha (append $l "0")','sortAlpha (slice $p 0 2)'])+' }}{{ $l }}{{ $p }}{{ $x }}{{ $y := sortAlpha $l }}{{ $x }}{{ $p }}{{ $l }}')
    elif r==14:
        m=R.choice([R.uniform(-10,10),R.uniform(-1e6,1e6),R.uniform(-1,1)*10**R.randrange(-320,308),R.randrange(-10**6,10**6)/1000,R.randrange(-10**4,10**4)/8])
        p=R.choice([0,1,2,3,5,10,-1,-2,-5,15,20,300,308,309,323,324,330,-308,-320,-400,5000,-5000,22,23])
        emit('{{ round '+repr(m)+' '+str(p)+' }} {{ round '+repr(m)+' '+str(p)+' '+R.choice(['0.5','0.1','.9','0','1','-0.5','.51'])+' }} {{ floor '+repr(m)+' }} {{ ceil '+repr(m)+' }} {{ int '+repr(m)+' }}')
    else:
        def fl():
            return repr(R.choice([R.uniform(-10,10),R.uniform(-1,1)*10**R.randrange(-320,308),R.randrange(-10**6,10**6)/1000,float(R.randrange(-2**53,2**53)),float(R.randrange(-9,9)),1/3,2.5]))
        n=R.choice([1,2,2,3,6])
        emit(''.join('{{ '+f+' '+' '.join(fl() for _ in range(n+1))+' }} ' for f in ['addf','subf','mulf','divf','maxf','minf','add','max','min','mul'])+'{{ add1f '+fl()+' }}{{ toDecimal '+fl()+' }}')
for o in out: print(json.dumps(o,ensure_ascii=True))
